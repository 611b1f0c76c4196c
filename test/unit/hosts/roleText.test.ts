import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { renderInput } from "../../../src/hosts/applyRole.ts";
import { file, roleText, secret, word } from "../../../src/hosts/roleText.ts";

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

test("a host whose address comes to nothing is told by its name", () => {
    const host = { name: "web-0", privateAddress: undefined as never };
    expect(() => renderInput({ hosts: [host] })).toThrow('Host "web-0" cannot be made from these arguments');
});
