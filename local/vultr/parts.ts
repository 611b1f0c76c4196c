const types: [string, RegExp][] = [
    ["text/cloud-config", /^#cloud-config\b/],
    ["text/x-shellscript", /^#!/],
];

/** What cloud-init gets: one text as it is, several as the parts of a message, which is how it takes several. */
export function asParts(texts: string[]): string | undefined {
    const given = texts.filter((text) => text !== "");
    if (given.length < 2) return given[0];
    const boundary = "==evenkeel==";
    const parts = given.map((text) => {
        const type = types.find(([, beginning]) => beginning.test(text))?.[0] ?? "text/plain";
        const encoded = Buffer.from(text).toString("base64");
        return `--${boundary}\nContent-Type: ${type}\nContent-Transfer-Encoding: base64\n\n${encoded}\n`;
    });
    return `Content-Type: multipart/mixed; boundary="${boundary}"\nMIME-Version: 1.0\n\n${parts.join("")}--${boundary}--\n`;
}
