import Connections
import Foundation

/// What Python 3.11 (zlib, gzip, bz2, lzma) and its zstandard 0.25 made.
enum CompressionFixtures {
    struct Packed: Sendable, CustomStringConvertible {
        /// The Python expression that made it.
        let description: String
        let format: Compression.Format
        let bytes: [UInt8]

        init(_ description: String, _ format: Compression.Format, _ base64: String) {
            self.description = description
            self.format = format
            bytes = CompressionFixtures.bytes(base64)
        }
    }

    static func bytes(_ base64: String) -> [UInt8] { [UInt8](Data(base64Encoded: base64) ?? Data()) }

    /// A task's body of JSON, with all 256 bytes behind it.
    static let body = bytes(
        """
        W1sxLCAyXSwgeyJ0ZXh0IjogImNoYXJkIHVuZCBTZWxsZXJpZSwgZ3LDvG47IGNoYXJkIHVuZCBTZWxsZXJpZSwgZ3LDvG47IGNoYXJk\
        IHVuZCBTZWxsZXJpZSwgZ3LDvG47IGNoYXJkIHVuZCBTZWxsZXJpZSwgZ3LDvG47IGNoYXJkIHVuZCBTZWxsZXJpZSwgZ3LDvG47IGNo\
        YXJkIHVuZCBTZWxsZXJpZSwgZ3LDvG47IGNoYXJkIHVuZCBTZWxsZXJpZSwgZ3LDvG47IGNoYXJkIHVuZCBTZWxsZXJpZSwgZ3LDvG47\
        IGNoYXJkIHVuZCBTZWxsZXJpZSwgZ3LDvG47IGNoYXJkIHVuZCBTZWxsZXJpZSwgZ3LDvG47IGNoYXJkIHVuZCBTZWxsZXJpZSwgZ3LD\
        vG47IGNoYXJkIHVuZCBTZWxsZXJpZSwgZ3LDvG47IGNoYXJkIHVuZCBTZWxsZXJpZSwgZ3LDvG47IGNoYXJkIHVuZCBTZWxsZXJpZSwg\
        Z3LDvG47IGNoYXJkIHVuZCBTZWxsZXJpZSwgZ3LDvG47IGNoYXJkIHVuZCBTZWxsZXJpZSwgZ3LDvG47IGNoYXJkIHVuZCBTZWxsZXJp\
        ZSwgZ3LDvG47IGNoYXJkIHVuZCBTZWxsZXJpZSwgZ3LDvG47IGNoYXJkIHVuZCBTZWxsZXJpZSwgZ3LDvG47IGNoYXJkIHVuZCBTZWxs\
        ZXJpZSwgZ3LDvG47ICJ9LCB7ImNhbGxiYWNrcyI6IG51bGwsICJlcnJiYWNrcyI6IG51bGwsICJjaGFpbiI6IG51bGwsICJjaG9yZCI6\
        IG51bGx9XQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj9AQUJDREVG\
        R0hJSktMTU5PUFFSU1RVVldYWVpbXF1eX2BhYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ent8fX5/gIGCg4SFhoeIiYqLjI2Oj5CRkpOU\
        lZaXmJmam5ydnp+goaKjpKWmp6ipqqusra6vsLGys7S1tre4ubq7vL2+v8DBwsPExcbHyMnKy8zNzs/Q0dLT1NXW19jZ2tvc3d7f4OHi\
        4+Tl5ufo6err7O3u7/Dx8vP09fb3+Pn6+/z9/v8=
        """
    )

    static let bodies: [Packed] = [
        Packed(
            "zlib.compress(body)",
            .zlib,
            """
            eJyLjjbUUTCK1VGoVipJrShRslJQSs5ILEpRKM1LUQhOzclJLcpM1VFILzq8J89aYVRqhEsp1YJSSnJiTk5SYnJ2MTC55JXm5Ogo\
            KKUWFaGJAE3JzEPm5helQLm1sQyMTMwsrGzsHJxc3Dy8fPwCgkLCIqJi4hKSUtIysnLyCopKyiqqauoamlraOrp6+gaGRsYmpmbm\
            FpZW1ja2dvYOjk7OLq5u7h6eXt4+vn7+AYFBwSGhYeERkVHRMbFx8QmJSckpqWnpGZlZ2Tm5efkFhUXFJaVl5RWVVdU1tXX1DY1N\
            zS2tbe0dnV3dPb19/RMmTpo8Zeq06TNmzpo9Z+68+QsWLlq8ZOmy5StWrlq9Zu269Rs2btq8Zeu27Tt27tq9Z+++/QcOHjp85Oix\
            4ydOnjp95uy58xcuXrp85eq16zdu3rp95+69+w8ePnr85Omz5y9evnr95u279x8+fvr85eu37z9+/vr95++//wBF8meC
            """
        ),
        Packed(
            "zlib.compress(body, 1)",
            .zlib,
            """
            eAGLjjbUUTCK1VGoVipJrShRslJQSs5ILEpRKM1LUQhOzclJLcpM1VFILzq8J89aYVRqhIeGUi0opSQn5uQkJSZnFwOTS15pTo6O\
            glJqURGaCDCtZOYhFCRn5BelQLm1sQyMTMwsrGzsHJxc3Dy8fPwCgkLCIqJi4hKSUtIysnLyCopKyiqqauoamlraOrp6+gaGRsYm\
            pmbmFpZW1ja2dvYOjk7OLq5u7h6eXt4+vn7+AYFBwSGhYeERkVHRMbFx8QmJSckpqWnpGZlZ2Tm5efkFhUXFJaVl5RWVVdU1tXX1\
            DY1NzS2tbe0dnV3dPb19/RMmTpo8Zeq06TNmzpo9Z+68+QsWLlq8ZOmy5StWrlq9Zu269Rs2btq8Zeu27Tt27tq9Z+++/QcOHjp8\
            5Oix4ydOnjp95uy58xcuXrp85eq16zdu3rp95+69+w8ePnr85Omz5y9evnr95u279x8+fvr85eu37z9+/vr95++//wBF8meC
            """
        ),
        Packed(
            "zlib.compress(body, 0)",
            .zlib,
            """
            eAEBdwOI/FtbMSwgMl0sIHsidGV4dCI6ICJjaGFyZCB1bmQgU2VsbGVyaWUsIGdyw7xuOyBjaGFyZCB1bmQgU2VsbGVyaWUsIGdy\
            w7xuOyBjaGFyZCB1bmQgU2VsbGVyaWUsIGdyw7xuOyBjaGFyZCB1bmQgU2VsbGVyaWUsIGdyw7xuOyBjaGFyZCB1bmQgU2VsbGVy\
            aWUsIGdyw7xuOyBjaGFyZCB1bmQgU2VsbGVyaWUsIGdyw7xuOyBjaGFyZCB1bmQgU2VsbGVyaWUsIGdyw7xuOyBjaGFyZCB1bmQg\
            U2VsbGVyaWUsIGdyw7xuOyBjaGFyZCB1bmQgU2VsbGVyaWUsIGdyw7xuOyBjaGFyZCB1bmQgU2VsbGVyaWUsIGdyw7xuOyBjaGFy\
            ZCB1bmQgU2VsbGVyaWUsIGdyw7xuOyBjaGFyZCB1bmQgU2VsbGVyaWUsIGdyw7xuOyBjaGFyZCB1bmQgU2VsbGVyaWUsIGdyw7xu\
            OyBjaGFyZCB1bmQgU2VsbGVyaWUsIGdyw7xuOyBjaGFyZCB1bmQgU2VsbGVyaWUsIGdyw7xuOyBjaGFyZCB1bmQgU2VsbGVyaWUs\
            IGdyw7xuOyBjaGFyZCB1bmQgU2VsbGVyaWUsIGdyw7xuOyBjaGFyZCB1bmQgU2VsbGVyaWUsIGdyw7xuOyBjaGFyZCB1bmQgU2Vs\
            bGVyaWUsIGdyw7xuOyBjaGFyZCB1bmQgU2VsbGVyaWUsIGdyw7xuOyAifSwgeyJjYWxsYmFja3MiOiBudWxsLCAiZXJyYmFja3Mi\
            OiBudWxsLCAiY2hhaW4iOiBudWxsLCAiY2hvcmQiOiBudWxsfV0AAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMk\
            JSYnKCkqKywtLi8wMTIzNDU2Nzg5Ojs8PT4/QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl9gYWJjZGVmZ2hpamtsbW5v\
            cHFyc3R1dnd4eXp7fH1+f4CBgoOEhYaHiImKi4yNjo+QkZKTlJWWl5iZmpucnZ6foKGio6SlpqeoqaqrrK2ur7CxsrO0tba3uLm6\
            u7y9vr/AwcLDxMXGx8jJysvMzc7P0NHS09TV1tfY2drb3N3e3+Dh4uPk5ebn6Onq6+zt7u/w8fLz9PX29/j5+vv8/f7/RfJngg==
            """
        ),
        Packed(
            "gzip.compress(body, mtime=0)",
            .zlib,
            """
            H4sIAAAAAAACA4uONtRRMIrVUahWKkmtKFGyUlBKzkgsSlEozUtRCE7NyUktykzVUUgvOrwnz1phVGqESynVglJKcmJOTlJicnYx\
            MLnklebk6CgopRYVoYkATcnMQ+bmF6VAubWxDIxMzCysbOwcnFzcPLx8/AKCQsIiomLiEpJS0jKycvIKikrKKqpq6hqaWto6unr6\
            BoZGxiamZuYWllbWNrZ29g6OTs4urm7uHp5e3j6+fv4BgUHBIaFh4RGRUdExsXHxCYlJySmpaekZmVnZObl5+QWFRcUlpWXlFZVV\
            1TW1dfUNjU3NLa1t7R2dXd09vX39EyZOmjxl6rTpM2bOmj1n7rz5CxYuWrxk6bLlK1auWr1m7br1GzZu2rxl67btO3bu2r1n7779\
            Bw4eOnzk6LHjJ06eOn3m7LnzFy5eunzl6rXrN27eun3n7r37Dx4+evzk6bPnL16+ev3m7bv3Hz5++vzl67fvP37++v3n77//AJ8k\
            +up3AwAA
            """
        ),
        Packed(
            "bz2.compress(body)",
            .bzip2,
            """
            QlpoOTFBWSZTWaGYMm0AAIZ/////////////////////////////////////////////sAFZQgqUBMAmAAAJgAATAAAJgAAAAATA\
            ATCYAmCYmAAAAAAABMCaMEaYIwATRgJgkwAEwABMAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABKUQ0Jspomm1PUaADQHpDIa\
            NAAAAAB6gAAPSPUZGIAAAAAAAAAAAAAAAAAAAAAD1RVkzaLNWzeAcLsQLmCg5NCSeFdSh3KZVDSuWS2XS95Q1CiKWsEFUQFQQZAy\
            BBUmkO/fvlFpBYFFJzOnkRO55PYmKfJGXEEJKLoLqhRiE1IgoPIqMjpCSlJZKEBMKgACAWlyanJ6goqSmqexVVldYWVpbXF1eX2B\
            hYiwAAh7ZbNZ7RabU8/1sVoERbYu3W+4XIu10UBCOpF1illHaICgyIkEFkEG0aCFUhgQgAQbVamPlwQboIRqjgEHMCxd2guAkejR\
            wCCr9mNd4CDMEL0wEIvHR7lgEGTCCF7gwQci0jC2FcGAQdQUgvIt5JqX16u7v0Pf8BgcFg8JhcNh8RicVi8Zjcdj8hkclLS/xmJm\
            a+U3OTs9P0FDRUdJS01PUVNVV1lbXV9hY2VnaWttb3FzdXd5iAAEC+Xr/AwcLDWwACBiCeLjY+Rk5Xzy8zNzs/Q+mj9ftpaepq63\
            3/Gv+djZ2tvc/X73d7f4OHi4+Tl5uf+dH9/3T1dfZ293f//Dx8vMXckU4UJChmDJtA==
            """
        ),
        Packed(
            "bz2.compress(body, 1)",
            .bzip2,
            """
            QlpoMTFBWSZTWaGYMm0AAIZ/////////////////////////////////////////////sAFZQgqUBMAmAAAJgAATAAAJgAAAAATA\
            ATCYAmCYmAAAAAAABMCaMEaYIwATRgJgkwAEwABMAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABKUQ0Jspomm1PUaADQHpDIa\
            NAAAAAB6gAAPSPUZGIAAAAAAAAAAAAAAAAAAAAAD1RVkzaLNWzeAcLsQLmCg5NCSeFdSh3KZVDSuWS2XS95Q1CiKWsEFUQFQQZAy\
            BBUmkO/fvlFpBYFFJzOnkRO55PYmKfJGXEEJKLoLqhRiE1IgoPIqMjpCSlJZKEBMKgACAWlyanJ6goqSmqexVVldYWVpbXF1eX2B\
            hYiwAAh7ZbNZ7RabU8/1sVoERbYu3W+4XIu10UBCOpF1illHaICgyIkEFkEG0aCFUhgQgAQbVamPlwQboIRqjgEHMCxd2guAkejR\
            wCCr9mNd4CDMEL0wEIvHR7lgEGTCCF7gwQci0jC2FcGAQdQUgvIt5JqX16u7v0Pf8BgcFg8JhcNh8RicVi8Zjcdj8hkclLS/xmJm\
            a+U3OTs9P0FDRUdJS01PUVNVV1lbXV9hY2VnaWttb3FzdXd5iAAEC+Xr/AwcLDWwACBiCeLjY+Rk5Xzy8zNzs/Q+mj9ftpaepq63\
            3/Gv+djZ2tvc/X73d7f4OHi4+Tl5uf+dH9/3T1dfZ293f//Dx8vMXckU4UJChmDJtA==
            """
        ),
        Packed(
            "lzma.compress(body)",
            .xz,
            """
            /Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4AN2ATxdAC3gwFghFc2aLE8PiuidWXEdzyVShsIw8J3vmWTFa+PKJoqmhuz+2r03PTHa\
            B41mrqhloC4DZo4AWIy2lQdr++M18/EeEf6ghwQ0rX4rR7H90qkya1Oa7RSHnTG1X85JQ46NRPv2cXSQON1bHfkHAKUydjMs3npf\
            sCfaLonp46oRzZRXJ8H44E5qOyQI2dSvSSRkGadZgBC1ljQ6XLF0/Fu2RbscX98OsKiBdezjfXW3DBURrgtmHsiMMYflv447qmaR\
            oxpdrKQUyGvxoTXg1i4FRhl7CXPpTm+1aRqdK6PjA1Zmg9L19fbgI4k8AWbDpvQajTpkXDyucc+IMmmreTHxP3MdvjwLOi9FkZ2K\
            ragArwXkVS9Pe85cQ9AY+5nkPqZmnljkfih9TOxBDUvJflr2nARosjIgZ6RvhLMARX14jkyPLfwAAdgC9wYAAFNLxFixxGf7AgAA\
            AAAEWVo=
            """
        ),
        Packed(
            "lzma.compress(body, preset=9 | lzma.PRESET_EXTREME, check=lzma.CHECK_SHA256)",
            .xz,
            """
            /Td6WFoAAArh+wyhAgAhARwAAAAQz1jM4AN2ATxdAC3gwFghFc2aLE8PiuidWXEdzyVShsIw8J3vmWTFa+PKJoqmhuz+2r03PTHa\
            B41mrqhloC4DZo4AWIy2lQdr++M18/EeEf6ghwQ0rX4rR7H90qkya1Oa7RSHnTG1X85JQ46NRPv2cXSQON1bHfkHAKUydjMs3npf\
            sCfaLonp46oRzZRXJ8H44E5qOyQI2dSvSSRkGadZgBC1ljQ6XLF0/Fu2RbscX98OsKiBdezjfXW3DBURrgtmHsiMMYflv447qmaR\
            oxpdrKQUyGvxoTXg1i4FRhl7CXPpTm+1aRqdK6PjA1Zmg9L19fbgI4k8AWbDpvQajTpkXDyucc+IMmmreTHxP3MdvjwLOi9FkZ2K\
            ragArwXkVS9Pe85cQ9AY+5nkPqZmnljkfih9TOxBDUvJflr2nARosjIgZ6RvhLMAib7qWFgug/7INuJ9HfUV9v36W/yAI0QsB3mr\
            g+BHPHUAAfAC9wYAAAjMO7O26d8cAgAAAAAKWVo=
            """
        ),
        Packed(
            "lzma.compress(body, check=lzma.CHECK_NONE)",
            .xz,
            """
            /Td6WFoAAAD/EtlBAgAhARYAAAB0L+Wj4AN2ATxdAC3gwFghFc2aLE8PiuidWXEdzyVShsIw8J3vmWTFa+PKJoqmhuz+2r03PTHa\
            B41mrqhloC4DZo4AWIy2lQdr++M18/EeEf6ghwQ0rX4rR7H90qkya1Oa7RSHnTG1X85JQ46NRPv2cXSQON1bHfkHAKUydjMs3npf\
            sCfaLonp46oRzZRXJ8H44E5qOyQI2dSvSSRkGadZgBC1ljQ6XLF0/Fu2RbscX98OsKiBdezjfXW3DBURrgtmHsiMMYflv447qmaR\
            oxpdrKQUyGvxoTXg1i4FRhl7CXPpTm+1aRqdK6PjA1Zmg9L19fbgI4k8AWbDpvQajTpkXDyucc+IMmmreTHxP3MdvjwLOi9FkZ2K\
            ragArwXkVS9Pe85cQ9AY+5nkPqZmnljkfih9TOxBDUvJflr2nARosjIgZ6RvhLMAAAHQAvcGAAA+yZe0qAAK/AIAAAAAAFla
            """
        ),
        Packed(
            "ZstdCompressor().compress(body)",
            .zstd,
            """
            KLUv/WB3Ai0LACQVW1sxLCAyXSwgeyJ0ZXh0IjogImNoYXJkIHVuZCBTZWxsZXJpZSwgZ3LDvG47ICJ9Y2FsbGJhY2tzIjogbnVs\
            bCwgImVycmNoYWluY2hvcmR9XQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fICEiIyQlJicoKSorLC0uLzAxMjM0NTY3\
            ODk6Ozw9Pj9AQUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVpbXF1eX2BhYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ent8fX5/gIGC\
            g4SFhoeIiYqLjI2Oj5CRkpOUlZaXmJmam5ydnp+goaKjpKWmp6ipqqusra6vsLGys7S1tre4ubq7vL2+v8DBwsPExcbHyMnKy8zN\
            zs/Q0dLT1NXW19jZ2tvc3d7f4OHi4+Tl5ufo6err7O3u7/Dx8vP09fb3+Pn6+/z9/v8FADKzJmrTanZrISxsf1dnGQ==
            """
        ),
        Packed(
            "ZstdCompressor(level=22, write_checksum=True).compress(body)",
            .zstd,
            """
            KLUv/WR3AhULANQUW1sxLCAyXSwgeyJ0ZXh0IjogImNoYXJkIHVuZCBTZWxsZXJpZSwgZ3LDvG47ICJ9Y2FsbGJhY2tzIjogbnVs\
            bCwgImVycmlub3JkfV0AAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSYnKCkqKywtLi8wMTIzNDU2Nzg5Ojs8\
            PT4/QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl9gYWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1+f4CBgoOEhYaH\
            iImKi4yNjo+QkZKTlJWWl5iZmpucnZ6foKGio6SlpqeoqaqrrK2ur7CxsrO0tba3uLm6u7y9vr/AwcLDxMXGx8jJysvMzc7P0NHS\
            09TV1tfY2drb3N3e3+Dh4uPk5ebn6Onq6+zt7u/w8fLz9PX29/j5+vv8/f7/BgAgGzIcJhgIanZrISxsf1dnGVsZTUA=
            """
        ),
        Packed(
            "ZstdCompressor().compressobj(), streamed, no content size",
            .zstd,
            """
            KLUv/QBYNQsAZBVbWzEsIDJdLCB7InRleHQiOiAiY2hhcmQgdW5kIFNlbGxlcmllLCBncsO8bjsgIn0sIHsiY2FsbGJhY2tzIjog\
            bnVsbCwgImVycmNoYWluY2hvcmR9XQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fICEiIyQlJicoKSorLC0uLzAxMjM0\
            NTY3ODk6Ozw9Pj9AQUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVpbXF1eX2BhYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ent8fX5/\
            gIGCg4SFhoeIiYqLjI2Oj5CRkpOUlZaXmJmam5ydnp+goaKjpKWmp6ipqqusra6vsLGys7S1tre4ubq7vL2+v8DBwsPExcbHyMnK\
            y8zNzs/Q0dLT1NXW19jZ2tvc3d7f4OHi4+Tl5ufo6err7O3u7/Dx8vP09fb3+Pn6+/z9/v8EADKzJmrT1Oyc/V2dZQ==
            """
        ),
    ]

    /// Nothing, packed.
    static let empties: [Packed] = [
        Packed("zlib of nothing", .zlib, "eJwDAAAAAAE="),
        Packed("bzip2 of nothing", .bzip2, "QlpoORdyRThQkAAAAAA="),
        Packed("xz of nothing", .xz, "/Td6WFoAAATm1rRGAAAAABzfRCEftvN9AQAAAAAEWVo="),
        Packed("zstd of nothing", .zstd, "KLUv/SAAAQAA"),
    ]

    /// 1 GiB of zeros; what is still long when packed once is packed with zlib once more.
    static let bombs: [Packed] = [
        unpacked(
            "1 GiB of zeros, zlib",
            .zlib,
            """
            eNrt3DEupQEYhtH/hkIUzBQqjQ1MKdFIaEyroBalQimZzk3Q24lKbzo7YKayAFGIqARxNyH5n3OW8JVvvjx//j/+nUyGYZhevl89\
            LSwOAAAAwMhN/53NfY0Bw9rH3c7uPgAAADB2h8tL87NR4O1gdds5AAAAYPQuNjd+zD4Enk+P550DAAAARm/l9WFrtgXcflz/3HMP\
            AAAAGL17wQAAAABIEQwAAACAFsEAAAAAaBEMAAAAgBjBAAAAAGgRDAAAAIAWwQAAAABoEQwAAACAGMEAAAAAaBEMAAAAgBbBAAAA\
            AGgRDAAAAIAYwQAAAABoEQwAAACAFsEAAAAAaBEMAAAAgBjBAAAAAGgRDAAAAIAWwQAAAABoEQwAAACAGMEAAAAAaBEMAAAAgBbB\
            AAAAAGgRDAAAAIAYwQAAAABoEQwAAACAFsEAAAAAaBEMAAAAgBjBAAAAAGgRDAAAAIAWwQAAAABoEQwAAACAGMEAAAAAaBEMAAAA\
            gBbBAAAAAGgRDAAAAIAYwQAAAABoEQwAAACAFsEAAAAAaBEMAAAAgBjBAAAAAGgRDAAAAIAWwQAAAABoEQwAAACAGMEAAAAAaBEM\
            AAAAgBbBAAAAAGgRDAAAAIAYwQAAAABoEQwAAACAFsEAAAAAaBEMAAAAgBjBAAAAAGgRDAAAAIAWwQAAAABoEQwAAACAGMEAAAAA\
            aBEMAAAAgBbBAAAAAGgRDAAAAIAYwQAAAABoEQwAAACAFsEAAAAAaBEMAAAAgBjBAAAAAGgRDAAAAIAWwQAAAABoEQwAAACAGMEA\
            AAAAaBEMAAAAgBbBAAAAAGgRDAAAAIAYwQAAAABoEQwAAACAFsEAAAAAaBEMAAAAgBjBAAAAAGgRDAAAAIAWwQAAAABoEQwAAACA\
            GMEAAAAAaBEMAAAAgBbBAAAAAGgRDAAAAIAYwQAAAABoEQwAAACAFsEAAAAAaBEMAAAAgBjBAAAAAGgRDAAAAIAWwQAAAABoEQwA\
            AACAGMEAAAAAaBEMAAAAgBbBAAAAAGgRDAAAAIAYwQAAAABoEQwAAACAFsEAAAAAaBEMAAAAgBjBAAAAAGgRDAAAAIAWwQAAAABo\
            EQwAAACAGMEAAAAAaBEMAAAAgBbBAAAAAGgRDAAAAIAYwQAAAABoEQwAAACAFsEAAAAAaBEMAAAAgBjBAAAAAGgRDAAAAIAWwQAA\
            AABoEQwAAACAGMEAAAAAaBEMAAAAgBbBAAAAAGgRDAAAAIAYwQAAAABoEQwAAACAFsEAAAAAaBEMAAAAgBjBAAAAAGgRDAAAAIAW\
            wQAAAABoEQwAAACAGMEAAAAAaBEMAAAAgBbBAAAAAGgRDAAAAIAYwQAAAABoEQwAAACAFsEAAAAAaBEMAAAAgBjBAAAAAGgRDAAA\
            AIAWwQAAAABoEQwAAACAGMEAAAAAaBEMAAAAgBbBAAAAAGgRDAAAAIAYwQAAAABoEQwAAACAFsEAAAAAaBEMAAAAgBjBAAAAAGgR\
            DAAAAIAWwQAAAABoEQwAAACAGMEAAAAAaBEMAAAAgBbBAAAAAGgRDAAAAIAYwQAAAABoEQwAAACAFsEAAAAAaBEMAAAAgBjBAAAA\
            AGgRDAAAAIAWwQAAAABoEQwAAACAGMEAAAAAaBEMAAAAgBbBAAAAAGgRDAAAAIAYwQAAAABoEQwAAACAFsEAAAAAaBEMAAAAgBjB\
            AAAAAGgRDAAAAIAWwQAAAABoEQwAAACAGMEAAAAAaBEMAAAAgBbBAAAAAGgRDAAAAIAYwQAAAABoEQwAAACAFsEAAAAAaBEMAAAA\
            gBjBAAAAAGgRDAAAAIAWwQAAAABoEQwAAACAGMEAAAAAaBEMAAAAgBbBAAAAAGgRDAAAAIAYwQAAAABoEQwAAACAFsEAAAAAaBEM\
            AAAAgBjBAAAAAGgRDAAAAIAWwQAAAABoEQwAAACAGMEAAAAAaBEMAAAAgBbBAAAAAGgRDAAAAIAYwQAAAABoEQwAAACAFsEAAAAA\
            aBEMAAAAgBjBAAAAAGgRDAAAAIAWwQAAAABoEQwAAACAGMEAAAAAaBEMAAAAgBbBAAAAAGgRDAAAAIAYwQAAAABoEQwAAACAFsEA\
            AAAAaBEMAAAAgBjBAAAAAGgRDAAAAIAWwQAAAABoEQwAAACAGMEAAAAAaBEMAAAAgBbBAAAAAGgRDAAAAIAYwQAAAABoEQwAAACA\
            FsEAAAAAaBEMAAAAgBjBAAAAAGgRDAAAAIAWwQAAAABoEQwAAACAGMEAAAAAaBEMAAAAgBbBAAAAAGgRDAAAAIAYwQAAAABoEQwA\
            AACAFsEAAAAAaBEMAAAAgBjBAAAAAGgRDAAAAIAWwQAAAABoEQwAAACAGMEAAAAAaDlaXlr42gLOX05Pfg/fbP3m1zD5BGJmst8=
            """
        ),
        Packed(
            "1 GiB of zeros, bzip2",
            .bzip2,
            """
            QlpoOTFBWSZTWQ4J4t8BX45AAMAAAAggADCATUZCoCWpCoCXMUFZJlNZDgni3wFfjkAAwAAACCAAMIBNRkKgJakKgJcxQVkmU1kO\
            CeLfAV+OQADAAAAIIAAwgE1GQqAlqQqAlzFBWSZTWQ4J4t8BX45AAMAAAAggADCATUZCoCWpCoCXMUFZJlNZDgni3wFfjkAAwAAA\
            CCAAMIBNRkKgJakKgJcxQVkmU1kOCeLfAV+OQADAAAAIIAAwgE1GQqAlqQqAlzFBWSZTWQ4J4t8BX45AAMAAAAggADCATUZCoCWp\
            CoCXMUFZJlNZDgni3wFfjkAAwAAACCAAMIBNRkKgJakKgJcxQVkmU1kOCeLfAV+OQADAAAAIIAAwgE1GQqAlqQqAlzFBWSZTWQ4J\
            4t8BX45AAMAAAAggADCATUZCoCWpCoCXMUFZJlNZDgni3wFfjkAAwAAACCAAMIBNRkKgJakKgJcxQVkmU1kOCeLfAV+OQADAAAAI\
            IAAwgE1GQqAlqQqAlzFBWSZTWQ4J4t8BX45AAMAAAAggADCATUZCoCWpCoCXMUFZJlNZDgni3wFfjkAAwAAACCAAMIBNRkKgJakK\
            gJcxQVkmU1kOCeLfAV+OQADAAAAIIAAwgE1GQqAlqQqAlzFBWSZTWQ4J4t8BX45AAMAAAAggADCATUZCoCWpCoCXMUFZJlNZDgni\
            3wFfjkAAwAAACCAAMIBNRkKgJakKgJcxQVkmU1kOCeLfAV+OQADAAAAIIAAwgE1GQqAlqQqAlzFBWSZTWQ4J4t8BX45AAMAAAAgg\
            ADCATUZCoCWpCoCXMUFZJlNZDgni3wFfjkAAwAAACCAAMIBNRkKgJakKgJcxQVkmU1kOCeLfAV+OQADAAAAIIAAwgE1GQqAlqQqA\
            lzFBWSZTWQ4J4t8BX45AAMAAAAggADCATUZCoCWpCoCXMUFZJlNZDgni3wFfjkAAwAAACCAAMIBNRkKgJakKgJcxQVkmU1lIfF/J\
            AIpSyADAAAAEAAggADDMBSmmkSJDYUSJDxdyRThQkPaI5AI=
            """
        ),
        unpacked(
            "1 GiB of zeros, xz",
            .xz,
            """
            eNrt0F1IFXYAxuH/KW3FTqnsywJbX5umUHmzKMuYDGuIQZ3RPGnYoAmFm9nKRkTfhciGudWQMdaFbDGnM6XlGFs4MmSIYzI22kC3\
            vgQhIpLoiLlT910Ndtfz3r4XP3gml+8r2xxCysgf54unhPmRaAihsfnVz5LJjEj1lhBqJpPJlu7k2sJ1z+1a8daG7z7KGWk58dT4\
            7Rtzj/y29PLKVZGSzgM/NzSULm2Z+efBL69/sDAj9k888/Kehmt7ExdOHYzu6Bne/fq2a6MVsa6UK/dfi35dOfOd4tGbl+rquz95\
            s+1C6dXtWTUTJfXp1UX99WsqQuOv6ztezjlV++LqxkVXd35+dmHlrZz+44OnmxsO5Dbdzd5zf3bPtObS5skrHb+fTOt9KZa41/RK\
            fuoX527X/LSzdG10sCmjtX1r1ve/dGZnVsRPjFZtLLs4WtcWv3GzPHX6eN9f7Q8mNubtHphbPq9ofCi2OrF424yCQ/251X9/W3Cn\
            98clla1phSVVRSefmZVM/zhR+3488fRA8nROcdpXD/YPT3y6bMmmnsbjY0cP97z9P6d/WJc9UnYmmR7JC7fei52dvPjN/vw5Z7o/\
            zH/3yTH4b+kNaWu6gAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDA\
            gAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAED\
            BgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwY\
            MGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDA\
            gAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAED\
            BgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwY\
            MGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDA\
            gAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAED\
            BgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwYMGDAgAEDBgwY\
            MGDAgAEDBgwYMGDAgAF7csAOD/0bnn8crLb9+oIQQrRv1bHygWh+iIz1zjj0aCkhpC5/o+7ZFwqWTX30h5T45odD3MVO
            """
        ),
        unpacked(
            "1 GiB of zeros, zstd",
            .zstd,
            """
            eNrtxrENgCAABMCHCRyDzpo9LFzUnr2MAffgikuuPeeX+0qOpOSdfdT6HwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB2\
            VpIFDRtFyQ==
            """
        ),
        unpacked(
            "1 GiB of zeros, zstd that says its size",
            .zstd,
            """
            eNrtxjENgDAABMBvFSCjGzMbIhiQU1Ps+GoI4KM3XHLtWp9+JtmPZElKxrvdtf4HAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
            AAAAgJmV5AMog0aJ
            """
        ),
    ]

    /// One byte, by LZMA2 with a dictionary of 1 GiB.
    static let hugeDictionary = bytes(
        """
        /Td6WFoAAATm1rRGAgAhASQAAABeH8f5AQAAeAAAAABFru+D+O4WCgABGQGlLIHMH7bzfQEAAAAABFla
        """
    )

    private static func unpacked(_ description: String, _ format: Compression.Format, _ base64: String) -> Packed {
        let packed = try? Compression.decompress(.zlib, bytes(base64)[...], maxBytes: 2 << 20)
        return Packed(description, format, Data(packed ?? []).base64EncodedString())
    }
}
