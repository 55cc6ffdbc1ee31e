/** Names in certificates as people read them. */
import type { RelativeDistinguishedNames } from 'pkijs';

const short: Record<string, string> = {
  '2.5.4.3': 'CN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.97': 'organizationIdentifier',
};

/** E.g. `CN=Stamper, O=Authority, C=DE`, in the order of the certificate; what has no short name keeps its number. */
export const distinguishedName = ({ typesAndValues }: RelativeDistinguishedNames): string =>
  typesAndValues
    .map(({ type, value }) => `${short[type] ?? type}=${String(value.valueBlock.value)}`)
    .join(', ');
