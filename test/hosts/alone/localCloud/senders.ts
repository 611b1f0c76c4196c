/** Python one-liners for hosts: what no standard program sends, or receives, so plainly. */
const VRRP = ["import socket", "s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 112)"];
const address = (text: string) => `socket.inet_aton("${text}")`;

/** Prints who sent the first advertisement that reaches an interface. */
export const vrrpReceiver = (on: string) =>
    [
        ...VRRP,
        `s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, ${address("224.0.0.18")} + ${address(on)})`,
        "print(s.recvfrom(100)[1][0])",
    ].join("; ");

export const vrrpSender = (from: string) =>
    [
        ...VRRP,
        `s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, ${address(from)})`,
        's.sendto(b"advertisement", ("224.0.0.18", 0))',
    ].join("; ");

export const udpReceiver = [
    "import socket",
    "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    's.bind(("", 9999))',
    "print(s.recvfrom(100)[0].decode())",
].join("; ");

export const udpSender = (to: string, text: string) =>
    `import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"${text}", ("${to}", 9999))`;
