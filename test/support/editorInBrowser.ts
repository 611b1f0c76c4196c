import type { Browser, Page } from "playwright-core";
import { picture } from "./picture.ts";

const UPLOADED = '.wp-block-image img[src*="/wp-content/uploads/"]';

/** What a person does in WordPress' pages of administration; those pages are as WordPress 6.1 has them. */
export class EditorInBrowser {
    readonly page: Page;
    readonly #url: string;
    /** What the pages' own programs complained of. */
    readonly problems: string[] = [];

    private constructor(page: Page, url: string) {
        this.page = page;
        this.#url = url;
        page.on("pageerror", (error) => this.problems.push(error.message));
        page.on("response", (response) => {
            if (response.status() >= 400) this.problems.push(`${response.status()} ${response.url()}`);
        });
    }

    static async open(browser: Browser, url: string): Promise<EditorInBrowser> {
        const page = await browser.newPage({ ignoreHTTPSErrors: true });
        page.setDefaultTimeout(60_000);
        return new EditorInBrowser(page, url);
    }

    async login(user: string, password: string): Promise<void> {
        await this.page.goto(`${this.#url}/wp-login.php`);
        await this.page.fill("#user_login", user);
        await this.page.fill("#user_pass", password);
        await this.page.click("#wp-submit");
        await this.page.waitForSelector("#wpadminbar");
    }

    /** Writes a post in the block editor, with a picture that is uploaded there and another one out of the library; gives its address. */
    async writes(title: string, text: string): Promise<string> {
        const { page } = this;
        await page.goto(`${this.#url}/wp-admin/post-new.php`);
        await page.waitForSelector(".editor-post-title__input");
        await this.#closeGuide();
        await page.click(".editor-post-title__input");
        await page.keyboard.type(title);
        await page.keyboard.press("Enter");
        await page.keyboard.type(text);
        await this.#addsPicture();
        await page.setInputFiles(".block-editor-media-placeholder input[type=file]", {
            name: `${title.toLowerCase().replaceAll(" ", "-")}.png`,
            mimeType: "image/png",
            buffer: Buffer.from(picture()),
        });
        await page.waitForSelector(UPLOADED);
        await this.#addsPicture();
        await page.getByRole("button", { name: "Media Library" }).click();
        await page.click(".media-modal .attachment");
        await page.click(".media-modal .media-button-select");
        await page.locator(UPLOADED).nth(1).waitFor();
        await page.click(".editor-post-publish-panel__toggle");
        await page.click(".editor-post-publish-button");
        const link = page
            .locator(".post-publish-panel__postpublish-header a, .components-snackbar a")
            .first();
        return (await link.getAttribute("href"))!;
    }

    /** An empty block at the end becomes a picture's. */
    async #addsPicture(): Promise<void> {
        await this.page.evaluate(
            "void wp.data.dispatch('core/block-editor').insertBlock(wp.blocks.createBlock('core/image'))",
        );
        await this.page.waitForSelector(".block-editor-media-placeholder");
    }

    async #closeGuide(): Promise<void> {
        await this.page.evaluate(
            "void wp.data.dispatch('core/preferences').set('core/edit-post', 'welcomeGuide', false)",
        );
    }

    /** Uploads a picture in the media library; gives the titles of all that it shows then. */
    async uploads(name: string): Promise<string[]> {
        const { page } = this;
        await page.goto(`${this.#url}/wp-admin/upload.php?mode=grid`);
        const shown = page.locator(".attachments-browser .attachment");
        await shown.first().waitFor();
        const before = await shown.count();
        await page.click(".page-title-action");
        await page.setInputFiles("input[type=file][multiple]", {
            name,
            mimeType: "image/png",
            buffer: Buffer.from(picture()),
        });
        await shown.locator(".thumbnail img").nth(before).waitFor();
        return shown.evaluateAll((each) => each.map((one) => one.getAttribute("aria-label") ?? ""));
    }
}
