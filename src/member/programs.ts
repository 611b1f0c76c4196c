/** Programs that the daemons of members of every kind share. */
export const memberPrograms = [
    "member/member_boot.py",
    "member/member_data.py",
    "member/member_founders.py",
    "member/member_peers.py",
    "member/member_retire.py",
    "member/member_roll.py",
    "member/member_room.py",
    "member/member_server.py",
    "member/member_tables.py",
    "member/member_threads.py",
    "member/member_watch.py",
];
