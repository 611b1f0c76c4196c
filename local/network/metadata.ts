/** Where a host asks for its metadata, and the port on its gateway that really answers. */
export const METADATA_ADDRESS = "169.254.169.254";
export const METADATA_PORT = 8081;
