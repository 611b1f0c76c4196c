import { bridged } from "../kit/bridged.ts";
import { number, output, replacing, string } from "../kit/fields.ts";
import { explained } from "../kit/http.ts";
import { isUnknown, type Props, text } from "../kit/values.ts";
import { api, unlessGone } from "./api.ts";

interface Count {
    count: number;
}

interface Tag {
    name: string;
    resources: Count & Record<"droplets" | "images" | "volumes" | "volume_snapshots" | "databases", Count>;
}

const count = output(number);

async function read(id: string): Promise<Props | undefined> {
    const path = `/v2/tags/${encodeURIComponent(id)}`;
    const found = await explained("Error retrieving tag", unlessGone(api<{ tag: Tag }>("GET", path)));
    if (!found) return undefined;
    const { name, resources } = found.tag;
    return {
        name,
        totalResourceCount: resources.count,
        dropletsCount: resources.droplets.count,
        imagesCount: resources.images.count,
        volumesCount: resources.volumes.count,
        volumeSnapshotsCount: resources.volume_snapshots.count,
        databasesCount: resources.databases.count,
    };
}

const rule =
    "tags may contain lowercase letters, numbers, colons, dashes, and underscores; there is a limit of 255 characters per tag";

export const tag = bridged({
    fields: {
        databasesCount: count,
        dropletsCount: count,
        imagesCount: count,
        name: { ...replacing(string), autoname: true },
        totalResourceCount: count,
        volumeSnapshotsCount: count,
        volumesCount: count,
    },
    validate: ({ name }) =>
        isUnknown(name) || /^[a-zA-Z0-9:\-_]{1,255}$/.test(text(name))
            ? []
            : [{ property: "name", reason: rule }],
    async create({ name }) {
        const { tag } = await explained(
            "Error creating tag",
            api<{ tag: Tag }>("POST", "/v2/tags", { name }),
        );
        return { id: tag.name, outputs: (await read(tag.name)) ?? {} };
    },
    read,
    delete: async (id) => {
        await explained("Error deleting tag", api("DELETE", `/v2/tags/${encodeURIComponent(id)}`));
    },
});
