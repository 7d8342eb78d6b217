/** The types of images that GitLab takes for an avatar, told by how their bytes begin (in hexadecimal digits). */
const TYPES: { type: string; ending: string; begins: RegExp }[] = [
  { type: 'image/png', ending: 'png', begins: /^89504e470d0a1a0a/ },
  { type: 'image/jpeg', ending: 'jpg', begins: /^ffd8ff/ },
  { type: 'image/gif', ending: 'gif', begins: /^47494638(37|39)61/ },
  { type: 'image/bmp', ending: 'bmp', begins: /^424d/ },
  { type: 'image/tiff', ending: 'tiff', begins: /^(49492a00|4d4d002a)/ },
  { type: 'image/vnd.microsoft.icon', ending: 'ico', begins: /^00000100/ },
  { type: 'image/webp', ending: 'webp', begins: /^52494646.{8}57454250/ },
];

/** Bytes by which every type above can be told. */
const TELLING_BYTES = 12;

/** The type of an image and the ending of its file name; `undefined` for everything that GitLab takes for no avatar. */
export function imageTypeOf(bytes: Buffer): { type: string; ending: string } | undefined {
  const beginning = bytes.toString('hex', 0, TELLING_BYTES);
  const found = TYPES.find(({ begins }) => begins.test(beginning));
  return found && { type: found.type, ending: found.ending };
}
