// Draws every <canvas data-chart='{…}'> with Chart.js (Debian's libjs-chart.js, the global `Chart`), and redraws it in
// place when its data change. Inside the canvas stands a table for readers without scripts.
//
//   {"type": "line" | "area" | "bar", "unit": "s" | "/s" | "" | "%", "stacked": false,
//    "times": [seconds since 1970, …], "labels": ["a", …] (instead of times),
//    "series": [{"name": "succeeded", "color": "series-4", "values": [1, null, …]}]}

const charts = new Map();
const probe = document.createElement("i");
probe.hidden = true;
document.body.append(probe);

/** The colour of a custom property as the theme has it now. */
function color(name, alpha = 1) {
  probe.style.color = `var(--${name})`;
  const value = getComputedStyle(probe).color;
  return alpha === 1 ? value : value.replace(/^rgb\((.*)\)$/, (_, parts) => `rgba(${parts.replaceAll(" ", ", ").replaceAll(",,", ",")}, ${alpha})`);
}

function figure(value, unit) {
  if (value === null || !Number.isFinite(value)) return "–";
  if (unit === "s") {
    if (value === 0) return "0 s";
    if (value < 0.001) return `${trim(value * 1e6)} µs`;
    if (value < 1) return `${trim(value * 1e3)} ms`;
    return value < 60 ? `${trim(value)} s` : value < 3600 ? `${trim(value / 60)} min` : `${trim(value / 3600)} h`;
  }
  const text = value >= 1e6 ? `${trim(value / 1e6)} M` : value >= 1e4 ? `${trim(value / 1e3)} k` : trim(value);
  return unit === "%" ? `${text} %` : text + unit;
}

const trim = (value) => String(Number(value.toPrecision(value >= 100 ? 4 : 3)));

function clock(seconds, span) {
  const date = new Date(seconds * 1000);
  if (span > 2 * 86400) return date.toLocaleDateString([], { day: "numeric", month: "short" });
  const parts = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  if (span <= 900) parts.second = "2-digit";
  return date.toLocaleTimeString([], parts);
}

function datasets(data) {
  return data.series.map((series, place) => {
    const name = series.color ?? `series-${(place % 8) + 1}`;
    const isBar = data.type === "bar";
    return {
      label: series.name,
      data: series.values,
      borderColor: color(name),
      backgroundColor: isBar ? color(name, 0.85) : color(name, 0.16),
      fill: data.type === "area" ? (data.stacked && place > 0 ? "-1" : "origin") : false,
      borderWidth: isBar ? 0 : 1.75,
      pointRadius: 0,
      pointHoverRadius: 3,
      pointHitRadius: 8,
      tension: 0.2,
      spanGaps: false,
      stack: data.stacked ? "all" : undefined,
    };
  });
}

function options(data) {
  const span = data.times?.length > 1 ? data.times.at(-1) - data.times[0] : 0;
  const grid = { color: color("line"), drawBorder: false };
  const ticks = { color: color("muted"), font: { size: 11 }, maxRotation: 0, autoSkipPadding: 24 };
  return {
    animation: false,
    responsive: true,
    maintainAspectRatio: false,
    normalized: true,
    interaction: { mode: "index", intersect: false },
    scales: {
      x: {
        stacked: data.stacked ?? false,
        grid: { display: false, drawBorder: false },
        ticks: data.times ? { ...ticks, callback: (_, place) => clock(data.times[place], span) } : ticks,
      },
      y: {
        stacked: data.stacked ?? false,
        beginAtZero: true,
        suggestedMax: data.unit === "s" ? 0.001 : 1,
        grid,
        ticks: { ...ticks, maxTicksLimit: 5, callback: (value) => figure(value, data.unit ?? "") },
        // The same room for every figure, so that nothing moves when the scale changes.
        afterFit: (axis) => (axis.width = 56),
      },
    },
    plugins: {
      legend: {
        display: data.series.length > 1,
        position: "bottom",
        align: "start",
        labels: { color: color("muted"), boxWidth: 10, boxHeight: 10, padding: 12, font: { size: 11 } },
      },
      tooltip: {
        backgroundColor: color("text"),
        titleColor: color("page"),
        bodyColor: color("page"),
        callbacks: {
          title: (items) => data.times
            ? new Date(data.times[items[0].dataIndex] * 1000).toLocaleString() : items[0].label,
          label: (item) => ` ${item.dataset.label}: ${figure(item.raw, data.unit ?? "")}`,
        },
      },
    },
  };
}

function draw(canvas, isForced) {
  const text = canvas.dataset.chart;
  const known = charts.get(canvas);
  if (known && known.text === text && !isForced) return;
  let data;
  try {
    data = JSON.parse(text);
  } catch {
    return;
  }
  const labels = data.times ?? data.labels ?? [];
  if (known) {
    known.text = text;
    known.chart.data.labels = labels;
    known.chart.data.datasets = datasets(data).map((next, place) => {
      const old = known.chart.data.datasets[place];
      return old && old.label === next.label ? Object.assign(old, next) : next;
    });
    known.chart.options = options(data);
    known.chart.update("none");
    return;
  }
  const type = data.type === "bar" ? "bar" : "line";
  const chart = new Chart(canvas, { type, data: { labels, datasets: datasets(data) }, options: options(data) });
  charts.set(canvas, { chart, text });
}

function drawAll(isForced = false) {
  if (!window.Chart) return;
  for (const [canvas, { chart }] of charts) {
    if (canvas.isConnected) continue;
    chart.destroy();
    charts.delete(canvas);
  }
  for (const canvas of document.querySelectorAll("canvas[data-chart]")) draw(canvas, isForced);
}

document.addEventListener("chard:updated", () => drawAll());
document.addEventListener("chard:theme", () => drawAll(true));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawAll(true));
drawAll();
