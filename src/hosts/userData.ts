/**
 * A host's birth text (cloud-init), small and frozen: any change to it would replace hosts elsewhere than here.
 * It pins the host key, so that nothing ever has to trust a host on first sight.
 */
export function userData(host: string, hostKey: { privateKey: string; publicKey: string }): string {
    return `#cloud-config
hostname: ${host}
manage_etc_hosts: false
ssh_pwauth: false
ssh_deletekeys: true
ssh_genkeytypes: []
ssh_keys:
  ed25519_private: |
${hostKey.privateKey.trimEnd().replace(/^/gm, "    ")}
  ed25519_public: ${hostKey.publicKey.trim()}
`;
}
