import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addressIn, freeSlice, overlaps, SLICE_COUNT, slice } from "../../../local/network/slices.ts";

describe("slices of the documentation ranges", () => {
    test("twelve of them, none touching another", () => {
        const all = Array.from({ length: SLICE_COUNT }, (_, index) => slice(index));
        expect(all).toHaveLength(12);
        for (const one of all) {
            for (const other of all) expect(overlaps(one.cidr, other.cidr)).toBe(one === other);
        }
    });

    test("one knows its gateway, the machine's address and its range", () => {
        expect(slice(5)).toEqual({
            index: 5,
            cidr: "198.51.100.64/26",
            gateway: "198.51.100.65",
            machine: "198.51.100.126",
            hostPrefix: 27,
        });
    });

    test("every offset is an address within the slice, and no other offset is any", () => {
        fc.assert(
            fc.property(fc.nat(SLICE_COUNT - 1), fc.nat(63), (index, offset) => {
                expect(overlaps(addressIn(slice(index), offset), slice(index).cidr)).toBe(true);
            }),
        );
        expect(() => addressIn(slice(0), 64)).toThrow(RangeError);
        expect(() => slice(12)).toThrow(RangeError);
    });

    test("a new cloud gets the lowest one that no cloud has and the machine does not use", () => {
        expect(freeSlice([], [])?.index).toBe(0);
        expect(freeSlice([0, 1], [])?.index).toBe(2);
        expect(freeSlice([], ["203.0.113.1", "203.0.113.80"])?.index).toBe(2);
        expect(freeSlice([], ["203.0.113.0/24", "10.0.0.0/8"])?.index).toBe(4);
        expect(freeSlice([], ["203.0.0.0/16", "198.51.100.0/25"])?.index).toBe(6);
    });

    test("there is none when all are taken", () => {
        expect(freeSlice(Array(12).keys(), [])).toBeUndefined();
    });
});
