import { describe, expect, test } from "vitest";
import { parseLines, parseStanzas, sourcesList } from "../../../local/cache/mirrors.ts";
import { cacheConfiguration } from "../../../local/cache/packageCache.ts";

describe("the machine's Debian mirrors", () => {
    test("from one-line sources, leaving other releases and other archives out", () => {
        const text = `# deb http://commented.example/debian bookworm main
deb [signed-by=/x.gpg] https://mirror.example/debian/ bookworm main contrib
deb http://mirror.example/debian trixie main
deb-src http://mirror.example/debian bookworm main
deb https://other.example/apt stable-bookworm main
`;
        expect(parseLines(text)).toEqual([{ uri: "https://mirror.example/debian", suites: ["bookworm"] }]);
    });

    test("from stanzas, with comments, several suites and continued lines", () => {
        const text = `Types: deb
# a comment
URIs: http://mirror.example/debian
Suites: bookworm
 bookworm-updates
Components: main

Enabled: no
Types: deb
URIs: http://disabled.example/debian
Suites: bookworm
Components: main

Types: deb deb-src
URIs: http://security.example/debian-security
Suites: bookworm-security
Components: main non-free
`;
        expect(parseStanzas(text)).toEqual([
            { uri: "http://mirror.example/debian", suites: ["bookworm", "bookworm-updates"] },
            { uri: "http://security.example/debian-security", suites: ["bookworm-security"] },
        ]);
    });

    test("hosts ask in plain http, and the cache asks as the machine does, for nothing else", () => {
        const mirrors = [{ uri: "https://mirror.example/debian", suites: ["bookworm", "bookworm-updates"] }];
        expect(sourcesList(mirrors)).toBe(
            "deb http://mirror.example/debian bookworm main\ndeb http://mirror.example/debian bookworm-updates main\n",
        );
        const configuration = cacheConfiguration("/c", mirrors, "http://proxy.example:3128");
        expect(configuration).toMatch(
            /^Remap-\w+: mirror\.example\/debian ; https:\/\/mirror\.example\/debian$/m,
        );
        expect(configuration).toMatch(/^ForceManaged: 1$/m);
        expect(configuration).toMatch(/^Proxy: http:\/\/proxy\.example:3128$/m);
    });
});
