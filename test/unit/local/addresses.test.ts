import fc from "fast-check";
import { expect, test } from "vitest";
import {
    isAddressOrRange,
    isWithin,
    lowestFree,
    netmask,
    overlaps,
    parseRange,
    toAddress,
    toNumber,
} from "../../../local/network/addresses.ts";

test.each([
    ["10.0.0.0/20", { first: 167772160, last: 167776255, prefix: 20 }],
    ["0.0.0.0/0", { first: 0, last: 4294967295, prefix: 0 }],
    ["10.0.0.1/20", undefined],
    ["10.0.0.0/33", undefined],
    ["10.0.0.0", undefined],
    ["10.0.0/20", undefined],
    ["fd00::/64", undefined],
    ["10.0.0.0/20/1", undefined],
])("%s is the range %j", (cidr, range) => {
    expect(parseRange(cidr)).toEqual(range);
});

test.each([
    ["1.2.3.4", true],
    ["1.2.3.0/24", true],
    ["::/0", true],
    ["2001:db8::1", true],
    ["1.2.3.4/33", false],
    ["::/129", false],
    ["1.2.3", false],
    ["example.org", false],
    ["1.2.3.4/", false],
])("%s is an address or range: %s", (text, isOne) => {
    expect(isAddressOrRange(text)).toBe(isOne);
});

const range = fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })).map(([address, prefix]) => {
    const size = 2 ** (32 - prefix);
    return parseRange(`${toAddress(Math.floor(toNumber(address) / size) * size)}/${prefix}`)!;
});

test("addresses and numbers are the same thing", () => {
    fc.assert(fc.property(fc.ipV4(), (address) => toAddress(toNumber(address)) === address));
});

test("ranges overlap exactly when one holds the other", () => {
    fc.assert(fc.property(range, range, (a, b) => overlaps(a, b) === (isWithin(a, b) || isWithin(b, a))));
});

test("the lowest free address is free, in range, and none is lower", () => {
    const taken = fc.uniqueArray(fc.integer({ min: 0, max: 20 }));
    fc.assert(
        fc.property(taken, (numbers) => {
            const free = lowestFree(0, 20, numbers.map(toAddress));
            const wanted = Array.from({ length: 21 }, (_, i) => i).find(
                (number) => !numbers.includes(number),
            );
            return free === (wanted === undefined ? undefined : toAddress(wanted));
        }),
    );
});

test.each([
    [0, "0.0.0.0"],
    [20, "255.255.240.0"],
    [27, "255.255.255.224"],
    [32, "255.255.255.255"],
])("/%i is the mask %s", (prefix, mask) => {
    expect(netmask(prefix)).toBe(mask);
});
