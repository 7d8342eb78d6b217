/** A token as it is, and in the forms in which it could be carried along. */
export function formsOf(token: string): string[] {
  const bytes = Buffer.from(token);
  return [
    token,
    encodeURIComponent(token),
    encodeURIComponent(encodeURIComponent(token)),
    new URLSearchParams([['', token]]).toString().slice(1),
    bytes.toString('hex'),
    ...[0, 1, 2].flatMap(offset => [base64At(bytes, offset, 'base64'), base64At(bytes, offset, 'base64url')]),
  ];
}

/** What base64 makes of bytes inside a longer text, whose length before them decides where they are cut in three. */
function base64At(bytes: Buffer, offset: number, encoding: 'base64' | 'base64url'): string {
  const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
    .toString(encoding)
    .replace(/=+$/, '');
  const first = Math.ceil((offset * 8) / 6);
  const last = Math.floor(((offset + bytes.length) * 8) / 6);
  return encoded.slice(first, last);
}
