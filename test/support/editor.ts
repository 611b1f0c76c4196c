import { within } from "../../tools/waiting.ts";

/** A browser's part in WordPress, with cookies: of a visitor, and of an editor after `login`. */
export class Editor {
    readonly #url: string;
    readonly #cookies = new Map<string, string>();
    #nonce = "";

    constructor(url: string) {
        this.#url = url;
    }

    async request(path: string, init: RequestInit = {}): Promise<Response> {
        const headers = new Headers(init.headers);
        headers.set("connection", "close");
        headers.set("cookie", [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; "));
        const answer = await fetch(`${this.#url}${path}`, {
            redirect: "manual",
            signal: AbortSignal.timeout(20_000),
            ...init,
            headers,
        });
        for (const cookie of answer.headers.getSetCookie()) {
            const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!;
            this.#cookies.set(name!, value!);
        }
        return answer;
    }

    async page(path: string): Promise<string> {
        const answer = await this.request(path);
        const text = await answer.text();
        if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${text.slice(0, 500)}`);
        return text;
    }

    async login(user: string, password: string): Promise<void> {
        // It sets a cookie that the form wants back.
        await this.page("/wp-login.php");
        const answer = await this.request("/wp-login.php", {
            method: "POST",
            body: new URLSearchParams({ log: user, pwd: password, testcookie: "1" }),
        });
        if (answer.status !== 302)
            throw new Error(`login: ${answer.status} ${(await answer.text()).slice(0, 500)}`);
        this.#nonce = await this.page("/wp-admin/admin-ajax.php?action=rest-nonce");
    }

    /** Whether the editor is logged in still, as a page of administration sees it. */
    async isLoggedIn(): Promise<boolean> {
        return (await this.request("/wp-admin/profile.php")).status === 200;
    }

    async post(title: string): Promise<{ id: number; link: string }> {
        return this.#create(
            "posts",
            { "content-type": "application/json" },
            JSON.stringify({ title, content: `<p>${title}</p>`, status: "publish" }),
        );
    }

    /** A picture, with what WordPress makes of it. */
    async upload(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<{ id: number; source_url: string }> {
        const headers = {
            "content-type": "image/png",
            "content-disposition": `attachment; filename="${name}"`,
        };
        return this.#create("media", headers, bytes);
    }

    async #create<Made>(
        what: string,
        headers: Record<string, string>,
        body: RequestInit["body"],
    ): Promise<Made> {
        const answer = await this.request(`/wp-json/wp/v2/${what}`, {
            method: "POST",
            headers: { ...headers, "x-wp-nonce": this.#nonce },
            body: body ?? null,
        });
        const text = await answer.text();
        if (answer.status !== 201) throw new Error(`${what}: ${answer.status} ${text.slice(0, 500)}`);
        return JSON.parse(text) as Made;
    }

    /** Gives the site another title. */
    async rename(title: string): Promise<void> {
        const answer = await this.request("/wp-json/wp/v2/settings", {
            method: "POST",
            headers: { "content-type": "application/json", "x-wp-nonce": this.#nonce },
            body: JSON.stringify({ title }),
        });
        if (answer.status !== 200)
            throw new Error(`settings: ${answer.status} ${(await answer.text()).slice(0, 500)}`);
    }

    async comment(post: number, author: string, text: string): Promise<void> {
        const answer = await this.request("/wp-comments-post.php", {
            method: "POST",
            body: new URLSearchParams({
                comment: text,
                author,
                email: `${author}@example.com`,
                comment_post_ID: String(post),
                comment_parent: "0",
            }),
        });
        if (answer.status !== 302)
            throw new Error(`comment: ${answer.status} ${(await answer.text()).slice(0, 500)}`);
    }

    /** As a person does: tries again what has failed, and tells for how long that was. */
    async insists<Done>(work: () => Promise<Done>, seconds = 60): Promise<{ done: Done; ms: number }> {
        const began = performance.now();
        let done: { it: Done } | undefined;
        await within(seconds, "an editor's work to be done", async () => {
            done = await work().then(
                (it) => ({ it }),
                () => undefined,
            );
            return done !== undefined;
        });
        return { done: done!.it, ms: Math.round(performance.now() - began) };
    }
}
