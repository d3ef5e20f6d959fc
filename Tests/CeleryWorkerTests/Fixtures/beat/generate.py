"""Writes schedules.json: what real Celery says about random schedules.

    python -m venv v && v/bin/pip install celery==5.7.0 ephem && v/bin/python generate.py

Every case is a schedule, the last run, and the next one, in seconds since 1970. For a crontab the last run is "now", so
that the answer does not depend on when it is asked. Left out, because Chard is saner there on purpose:
* Celery's answer lies in the past (the last run was in the second pass of an hour that comes twice);
* the time does not exist: Celery's answer is later by the gap. It is replaced by the end of the gap.
"""
import json
import random
from datetime import datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

from celery import Celery
from celery.schedules import crontab, crontab_parser, schedule, solar

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Asia/Kolkata", "Asia/Kathmandu",
         "Australia/Lord_Howe", "Pacific/Auckland", "America/St_Johns", "Europe/London", "Asia/Tokyo", "Africa/Cairo"]
FIELDS = {"minute": (60, 0), "hour": (24, 0), "day_of_month": (31, 1), "month_of_year": (12, 1), "day_of_week": (7, 0)}
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
dice = random.Random(20260102)


def number(field):
    size, low = FIELDS[field]
    value = dice.randrange(low, low + size)
    if field == "month_of_year" and dice.random() < 0.4:
        return dice.choice([MONTHS[value - 1], MONTHS[value - 1].upper(), "january"])
    if field == "day_of_week" and dice.random() < 0.5:
        return dice.choice([DAYS[value], DAYS[value].title(), "monday"])
    return str(value)


def part(field):
    size, _ = FIELDS[field]
    kind = dice.random()
    if kind < 0.45:
        return number(field)
    if kind < 0.65:
        return f"*/{dice.randrange(1, size + 3)}"
    span = f"{number(field)}-{number(field)}"
    return span if kind < 0.85 else f"{span}/{dice.randrange(1, 8)}"


def field_text(field, star):
    if dice.random() < star:
        return "*"
    return ",".join(part(field) for _ in range(dice.choice([1, 1, 1, 2, 3])))


def expression():
    stars = {"minute": 0.15, "hour": 0.4, "day_of_month": 0.6, "month_of_year": 0.7, "day_of_week": 0.6}
    return {field: field_text(field, stars[field]) for field in FIELDS}


def exists(local):
    return local.astimezone(timezone.utc).astimezone(local.tzinfo).replace(tzinfo=None) == local.replace(tzinfo=None)


def end_of_gap(local):
    """The moment the clock leaps over `local`."""
    low = (local - timedelta(hours=3)).astimezone(timezone.utc)
    high = low + timedelta(hours=9)
    before = low.astimezone(local.tzinfo).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(local.tzinfo).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


def apps():
    made = {}
    for zone in ZONES:
        made[zone] = Celery(zone, set_as_current=False)
        made[zone].conf.timezone = zone
    return made


def moment(zone, near_change=False):
    start = datetime(2024, 1, 1, tzinfo=timezone.utc)
    last = start + timedelta(seconds=dice.randrange(0, 5 * 365 * 86400))
    if near_change:
        tz = ZoneInfo(zone)
        for hour in range(24 * 400):
            at = last + timedelta(hours=hour)
            if at.astimezone(tz).utcoffset() != (at + timedelta(hours=1)).astimezone(tz).utcoffset():
                return (at + timedelta(seconds=dice.randrange(-30 * 3600, 3 * 3600))).replace(microsecond=0)
    return last.replace(microsecond=0)


def crontab_case(app, zone, near_change):
    texts, last = expression(), moment(zone, near_change)
    if near_change:
        texts.update(day_of_month="*", month_of_year="*", day_of_week="*")
    try:
        tab = crontab(**texts, app=app, nowfun=lambda: last)
        local, delta, _ = tab.remaining_delta(last)
        target = local + delta
        following = last + tab.remaining_estimate(last)
    except (ValueError, RuntimeError):
        return None
    if not exists(target):
        following = end_of_gap(target)
    if following <= last or last.astimezone(ZoneInfo(zone)).fold:
        return None
    order = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week")
    return [" ".join(texts[name] for name in order), zone, int(last.timestamp()), int(following.timestamp())]


def crontabs(made):
    cases = []
    while len(cases) < 900:
        zone = dice.choice(ZONES)
        case = crontab_case(made[zone], zone, near_change=len(cases) % 3 == 0)
        if case:
            cases.append(case)
    return cases


def fields():
    """Texts of one field: the values they stand for, or null when Celery refuses them."""
    odd = ["", ",", "1,", ",1", "*/0", "*/", "/5", "-1", "1-", "*/x", "60", "7", "0", "32", "13", "5/2", "**", "1-2/0",
           "foo", "a-b", "1.5", "99999999999999999999", "*,3", "3-3", "59-0", "6-0", "12-1/3", "31-1/2", "*/1", "*/99"]
    cases = []
    for name, (size, low) in FIELDS.items():
        for text in odd + [field_text(name, 0.05) for _ in range(40)]:
            try:
                values = sorted(crontab._expand_cronspec(text, size, low))
            except (ValueError, KeyError, IndexError, crontab_parser.ParseException):
                values = None
            cases.append([name, text, values])
    return cases


def intervals(made):
    cases = []
    while len(cases) < 250:
        zone = dice.choice(ZONES)
        every = dice.choice([1, 7, 30, 59, 60, 90, 600, 3599, 3600, 5400, 7200, 43200, 86400, 90000, 172800, 604800])
        relative, last = dice.random() < 0.7, moment(zone, near_change=dice.random() < 0.3)
        local = last.astimezone(ZoneInfo(zone))
        plan = schedule(timedelta(seconds=every), relative, app=made[zone], nowfun=lambda: local)
        following = last + plan.remaining_estimate(local)
        if following <= last or local.fold or local.utcoffset() != following.astimezone(local.tzinfo).utcoffset():
            continue
        cases.append([every, relative, zone, int(last.timestamp()), int(following.timestamp())])
    return cases


def solar_next(app, event, latitude, longitude, last, shift=0.0):
    plan = solar(event, latitude, longitude, app=app, nowfun=lambda: last)
    if shift:
        plan.cal.horizon = float(plan.cal.horizon) + shift * 3.141592653589793 / 180
    return last + plan.remaining_estimate(last)


def solars(app):
    """`even`: the sun passes the height steeply enough that 0.02° make less than 50 s. `rare`: the first event after
    days without one, whose time hangs on less than the eye can see."""
    even, rare = [], []
    while len(even) < 500 or len(rare) < 40:
        event = dice.choice(sorted(solar._all_events))
        latitude = round(dice.choice([dice.uniform(-60, 60), dice.uniform(-90, 90), 0, 52.52, -33.87]), 3)
        longitude = round(dice.uniform(-180, 180), 3)
        last = moment("UTC")
        times = [solar_next(app, event, latitude, longitude, last, shift) for shift in (0, 0.02, -0.02)]
        case = [event, latitude, longitude, int(last.timestamp()), round(times[0].timestamp())]
        gap = times[0] - last
        if timedelta(days=2) < gap < timedelta(days=300) and len(rare) < 40:
            rare.append(case)
        elif gap < timedelta(days=1.5) and max(times) - min(times) < timedelta(seconds=50) and len(even) < 500:
            even.append(case)
    return even, rare


def main():
    made = apps()
    even, rare = solars(made["UTC"])
    tables = {"crontabs": crontabs(made), "fields": fields(), "intervals": intervals(made), "solar": even,
              "rare": rare}
    lines = ['"%s": [\n%s\n]' % (name, ",\n".join(json.dumps(case) for case in cases))
             for name, cases in tables.items()]
    path = Path(__file__).with_name("schedules.json")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
