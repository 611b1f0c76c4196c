import { crc32, deflateSync } from "node:zlib";

/** A PNG of one colour. */
export function picture(width = 600, height = 400, rgb = [30, 90, 160]): Uint8Array<ArrayBuffer> {
    const row = Buffer.concat([
        Buffer.from([0]),
        Buffer.concat(Array.from({ length: width }, () => Buffer.from(rgb))),
    ]);
    const header = Buffer.alloc(13);
    header.writeUInt32BE(width, 0);
    header.writeUInt32BE(height, 4);
    header.set([8, 2, 0, 0, 0], 8);
    return Uint8Array.from(
        Buffer.concat([
            Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
            chunk("IHDR", header),
            chunk("IDAT", deflateSync(Buffer.concat(Array.from({ length: height }, () => row)))),
            chunk("IEND", Buffer.alloc(0)),
        ]),
    );
}

function chunk(type: string, data: Buffer): Buffer {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const framed = Buffer.alloc(body.length + 8);
    framed.writeUInt32BE(data.length, 0);
    framed.set(body, 4);
    framed.writeUInt32BE(crc32(body), body.length + 4);
    return framed;
}
