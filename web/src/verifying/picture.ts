const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Whether a file begins as a PNG does (RFC 2083, 3.1), whatever it is called. */
export function isPicture(beginning: Uint8Array): boolean {
  return PNG.every((byte, at) => beginning[at] === byte);
}
