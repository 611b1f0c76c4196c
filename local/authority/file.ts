/** In a cloud's directory: the certificate that clients have to trust. */
export const AUTHORITY_FILE = "authority.pem";
