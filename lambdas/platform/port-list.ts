/** What a list of ports must look like, for messages about settings. */
export const PORTS_RULE = 'ports from 1 to 65535 with commas between them, such as 443,8443';

const HIGHEST_PORT = 65_535;

/** Reads a list of ports such as `443, 8443`; `undefined` when it is something else. */
export function parsePorts(text: string): number[] | undefined {
  const parts = text.split(',').map(part => part.trim());
  const ports = parts.map(Number);
  const isValid = parts.every(
    (part, index) =>
      /^\d{1,5}$/.test(part) && Number(ports[index]) >= 1 && Number(ports[index]) <= HIGHEST_PORT,
  );
  return isValid ? ports : undefined;
}
