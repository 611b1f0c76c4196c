import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { storeUsers } from "../../../src/sessions/users.ts";

const text = storeUsers({ store: "own", "evenkeel-web": "hush", "evenkeel-blog": "quiet" });

test("nobody comes in without a password, and none of them can be read in the file", () => {
    expect(text).toMatch(/^user default off resetpass ~\* &\* \+@all$/m);
    expect(text).not.toMatch(/own|hush|quiet|nopass/);
    expect(text).toContain(`#${createHash("sha256").update("hush").digest("hex")} `);
});

test("a pool sees its own sessions alone, and no administrator's commands", () => {
    const [web] = text.split("\n").filter((line) => line.startsWith("user evenkeel-web "));
    expect(web!.match(/~\S+/g)).toEqual(["~session:evenkeel-web:*", "~lock:evenkeel-web:*", "~missed:*"]);
    expect(web).toContain(" -@all ");
    expect(web).not.toMatch(/\+(@|scan|keys|config|flushall|acl|debug)/);
});
