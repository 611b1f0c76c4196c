import { api } from "./api.ts";

/** Takes off and puts on tags of one resource, creating those that do not exist. */
export async function setTags(id: string, type: string, olds: string[], news: string[]): Promise<void> {
    const body = { resources: [{ resource_id: id, resource_type: type }] };
    const path = (tag: string): string => `/v2/tags/${encodeURIComponent(tag)}/resources`;
    for (const tag of olds) if (!news.includes(tag)) await api("DELETE", path(tag), body);
    for (const name of news) {
        if (olds.includes(name)) continue;
        const { tag } = await api<{ tag: { name: string } }>("POST", "/v2/tags", { name });
        await api("POST", path(tag.name), body);
    }
}
