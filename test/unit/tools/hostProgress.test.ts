import { describe, expect, test } from "vitest";
import { hostProgress } from "../../../tools/demo/hostProgress.ts";
import { progressOf, readLine } from "../../../tools/engineLines.ts";

describe("a line of the engine", () => {
    test.each([
        ["Previewing update (local):", { kind: "phase", phase: "preview" }],
        ["Updating (local):", { kind: "phase", phase: "update" }],
        ["Resources:", { kind: "section", title: "Resources" }],
        ["Duration: 1m56s", { kind: "section", title: "Duration" }],
        ["@ updating....", { kind: "beat" }],
        ["", { kind: "beat" }],
        ["error: the stack is currently locked by 1 lock(s)", { kind: "other" }],
    ])("%j", (line, read) => expect(readLine(line)).toEqual(read));

    test.each([
        [" +  ", "creating (0s) "],
        [" ~  ", "update [diff: ~create]"],
        [" -  ", "deleted (0.42s)"],
        [" +- ", "replaced (3s)"],
        [" ++ ", "creating replacement (1s)"],
        ["    ", ""],
    ])("with %j is a resource's", (mark, text) => {
        const read = readLine(`${mark}command:remote:Command web-0-web ${text}`);
        expect(read).toEqual({
            kind: "step",
            type: "command:remote:Command",
            name: "web-0-web",
            text: text.trim(),
        });
    });

    test.each([
        ["creating (8s) web-0: installing nginx-light", { state: "begun", verb: "creating" }],
        ["deleting original (0s)", { state: "begun", verb: "deleting" }],
        ["created (0.48s)", { state: "done", verb: "created", seconds: 0.48 }],
        ["created replacement (32s) lb-1: installing", { state: "done", verb: "created", seconds: 32 }],
        ["deleted original", { state: "done", verb: "deleted", seconds: 0 }],
        ["**creating failed** error: exit status 1", { state: "failed", verb: "creating failed" }],
        ["create", undefined],
        ["creating (interrupted)", undefined],
        ["", undefined],
    ])("tells how far it is: %j", (text, progress) => expect(progressOf(text)).toEqual(progress));
});

/** What stays of an `up` whose output this is, and what the live line says at its end. */
function followed(output: string, present?: string[]) {
    const hosts = hostProgress(present);
    const shown = output.split("\n").flatMap((line) => hosts.take(line));
    return { shown, now: hosts.now(), rest: hosts.rest(), summary: hosts.summary() };
}

const preview = `Previewing update (local):

@ previewing update....
 +  pulumi:pulumi:Stack evenkeel-flagship-local create 
 +  evenkeel:index:WebPool web create 
 +  tls:index:PrivateKey web-0-host-key create 
 +  digitalocean:index:Droplet web-0 create 
 +  digitalocean:index:Droplet web-1 create 
 +  command:remote:Command web-0-install create 
 +  command:remote:Command web-0-baseline create 
 +  command:remote:Command web-1-install create 
 +  command:remote:Command shop-web-0-install create 
 +  command:remote:Command shop-web-0-endpoint create 
 +  pulumi:pulumi:Stack evenkeel-flagship-local create 
Outputs:
    url: [unknown]

Resources:
    + 10 to create

`;

const begun = `${preview}Updating (local):

@ updating....
 +  pulumi:pulumi:Stack evenkeel-flagship-local creating (0s) 
 +  evenkeel:index:WebPool web creating (0s) 
 +  tls:index:PrivateKey web-0-host-key creating (0s) 
 +  tls:index:PrivateKey web-0-host-key created (0.02s) 
 +  digitalocean:index:Droplet web-0 creating (0s) 
 +  digitalocean:index:Droplet web-1 creating (0s) 
 +  digitalocean:index:Droplet web-0 created (4s) 
 +  digitalocean:index:Droplet web-1 created (5s) 
 +  command:remote:Command web-0-install creating (0s) Dial 1/60 failed: retrying
 +  command:remote:Command web-1-install creating (0s) 
`;

describe("an up", () => {
    test("shows its hosts as they are done, each once, and what a component has on several of them", () => {
        const { shown, rest, summary } =
            followed(`${begun} +  command:remote:Command web-0-install created (64s) 
 +  command:remote:Command web-0-baseline creating (0s) 
 +  command:remote:Command web-1-install created (70s) 
 +  command:remote:Command web-0-baseline created (3s) 
 +  command:remote:Command shop-web-0-install created (7s) web-0: installing haproxy
 +  command:remote:Command shop-web-0-endpoint created (0.6s) 
 +  pulumi:pulumi:Stack evenkeel-flagship-local created (113s) 
Outputs:
    url: "http://198.51.100.34/"

Resources:
    + 10 created

Duration: 1m56s
`);
        expect(shown).toEqual([
            "  web-1: created 5 s, installed 70 s",
            "  web-0: created 4 s, installed 64 s, configured 3 s",
            "  shop: installed 7 s, configured 1 s",
        ]);
        expect(rest).toEqual([]);
        expect(summary).toBe("+ 10 created");
    });

    test("tells meanwhile how far it is", () => {
        expect(followed(preview).now).toBe("looking what there is to do");
        expect(followed(begun).now).toBe("3 of 8  installing web-0, web-1");
    });

    test("that fails shows what became of each host, and the engine's errors in full", () => {
        const diagnostics = [
            "Diagnostics:",
            "  command:remote:Command (web-0-install):",
            "    error: Process exited with status 1: running",
            "",
            "    Resources: are not a heading here",
            "",
        ];
        const { shown, rest } = followed(
            [
                begun.trimEnd(),
                " +  command:remote:Command web-0-install **creating failed** error: Process exited with status 1",
                ...diagnostics,
                "Resources:",
                "    + 4 created",
            ].join("\n"),
        );
        expect(shown).toEqual(diagnostics);
        expect(rest).toEqual([
            "  web-0: created 4 s, web-0-install: creating failed",
            "  web-1: created 5 s",
        ]);
    });

    test("shows what the engine says beside its rows", () => {
        expect(followed("error: the stack is currently locked").shown).toEqual([
            "error: the stack is currently locked",
        ]);
    });

    test("of hosts that are there already names those that it changes", () => {
        const { shown, summary } = followed(
            `Previewing update (local):
 ~  command:remote:Command web-0-web update [diff: ~create]
Updating (local):
 ~  command:remote:Command web-0-web updating (0s) [diff: ~create]
 ~  command:remote:Command web-0-web updated (2s) [diff: ~create]; web-0: web-web: /var/www/html/index.html
Resources:
    ~ 1 updated
    69 unchanged
`,
            ["web-0", "web-1"],
        );
        expect(shown).toEqual(["  web-0: configured 2 s"]);
        expect(summary).toBe("~ 1 updated, 69 unchanged");
    });

    test("with nothing to do says so", () => {
        const { shown, now, rest } = followed("Previewing update (local):\nUpdating (local):\n");
        expect([...shown, ...rest]).toEqual([]);
        expect(now).toBe("looking whether everything is as it should be");
    });
});
