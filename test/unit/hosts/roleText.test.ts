import { execFileSync } from "node:child_process";
import type * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { expect, test } from "vitest";
import { renderInput } from "../../../src/hosts/applyRole.ts";
import { onHost } from "../../../src/hosts/programs.ts";
import { file, roleText, secret, text, withinArgument, word } from "../../../src/hosts/roleText.ts";

test("a role's text reads as the verbs with the files in full", () => {
    const text = roleText("web", "web-0", [
        file({ path: "/etc/a.conf", text: "line\n" }),
        file({ path: "/etc/b.conf", text: "{{address web-0}}", mode: "600", template: true }),
        secret("/etc/c", "token"),
    ]);
    expect(text).toMatchInlineSnapshot(`
      ". /usr/local/lib/evenkeel/role.bash
      role web web-0

      file /etc/a.conf <<'EOF'
      line
      EOF

      template /etc/b.conf 600 <<'EOF'
      {{address web-0}}
      EOF
      secret /etc/c token
      apply
      "
    `);
});

test("any text survives its here-document, whatever lines are in it", () => {
    fc.assert(
        fc.property(
            fc.array(fc.constantFrom("EOF", "EOF_", "$(x)", "`x`", "\\", "'", "plain", "")),
            (lines) => {
                const text = `${lines.join("\n")}\n`;
                const script = `file() { cat; }\n${file({ path: "/x", text })}`;
                expect(execFileSync("bash", ["-c", script], { encoding: "utf8" })).toBe(text);
            },
        ),
        { numRuns: 30 },
    );
});

test("any word reaches the shell as it is", () => {
    fc.assert(
        fc.property(
            fc.string({ minLength: 1 }).filter((text) => !text.includes("\0")),
            (text) => {
                expect(execFileSync("bash", ["-c", `printf %s ${word(text)}`], { encoding: "utf8" })).toBe(
                    text,
                );
            },
        ),
        { numRuns: 30 },
    );
});

test("the input is sorted, names each host once, and tells its end", () => {
    const host = { name: "web-0", privateAddress: "10.0.0.2" };
    expect(
        renderInput({ hosts: [host, { ...host }], values: { token: "é\n" }, blobs: { ab12: "AAAA" } }),
    ).toBe("host web-0 10.0.0.2\nvalue ab12 AAAA\nvalue token w6kK\nend\n");
});

test.each<[string, { name: string; privateAddress: string }[], string]>([
    [
        "an address of nothing",
        [{ name: "a", privateAddress: undefined as never }],
        "is missing: give an address of a host",
    ],
    [
        "a name for an address",
        [{ name: "a", privateAddress: "a.internal" }],
        '"a.internal" is not an address of a host',
    ],
    ["a name that is none", [{ name: "a b", privateAddress: "10.0.0.1" }], '"a b" cannot be a host\'s name'],
    [
        "the address of another host",
        ["a", "b"].map((name) => ({ name, privateAddress: "10.0.0.1" })),
        '"10.0.0.1" is that of "b", too',
    ],
    [
        "another address elsewhere",
        ["10.0.0.1", "10.0.0.2"].map((privateAddress) => ({ name: "a", privateAddress })),
        'is "10.0.0.1", and "10.0.0.2" elsewhere in the program',
    ],
])("a host that turns out to have %s is refused by its name", (_what, hosts, reason) => {
    const errorOf = () => {
        try {
            renderInput({ hosts });
        } catch (error) {
            return error as pulumi.InputPropertiesError;
        }
        throw new Error("was accepted");
    };
    expect(errorOf().message).toBe(`Host "${hosts[0]!.name}" cannot be made from these arguments`);
    expect(errorOf().errors.map((each) => each.reason)).toEqual([expect.stringContaining(reason)]);
});

test("a text that no host could take as one argument is refused with both lengths", () => {
    const longest = "é".repeat(65_535);
    expect(withinArgument("web-0-web", longest)).toBe(longest);
    expect(execFileSync("bash", ["-c", `: ${"x".repeat(131_069)}`], { encoding: "utf8" })).toBe("");
    expect(() => withinArgument("web-0-web", `${longest}xx`)).toThrow(
        "the text of web-0-web has 131072 bytes; a host takes at most 131071",
    );
});

test("a text of many files arrives byte for byte, with or without an end of its last line", () => {
    const run = (lines: string): string =>
        execFileSync("bash", ["-c", `${VERB}${text("a b", lines)}\ncat "$WORK/texts/1"; rm -r "$WORK"`], {
            encoding: "utf8",
        });
    fc.assert(
        fc.property(fc.stringMatching(/^[a-zA-Z'$`\\ \n]{0,20}$/), (lines) => {
            expect(run(lines)).toBe(lines);
        }),
        { numRuns: 30 },
    );
    expect(run("EOF\n")).toBe("EOF\n");
});

/** role.bash's own. */
const VERB = `WORK=$(mktemp -d); ${/^texts=0\n[\s\S]*?^}\n/m.exec(onHost("hosts/role.bash"))![0]}`;
