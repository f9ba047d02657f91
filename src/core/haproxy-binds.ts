/** Where haproxy.cfg listens, as far as it matters to a node that has not the virtual addresses yet. */
import type { Ip } from '../base/ip.js';
import { isIpv6, parseIp } from '../base/ip.js';
import type { Section } from './haproxy-sections.js';

export interface DeclaredBind {
  readonly proxy: string;
  readonly line: number | undefined;
  /** `any`: every address of the machine. Undefined: a socket, or an address that only HAProxy can tell. */
  readonly address: Ip | 'any' | undefined;
  /** Undefined likewise. */
  readonly ports: { readonly from: number; readonly to: number } | undefined;
  /** Whether the kernel lets it listen at an address that the node has not. */
  readonly transparent: 'yes' | 'no';
}

/** In the order of the file; several addresses of one line are several. */
export function declaredBinds(sections: readonly Section[]): readonly DeclaredBind[] {
  return sections
    .filter(({ kind }) => kind === 'frontend' || kind === 'listen')
    .flatMap(({ name, lines }) =>
      lines
        .filter(({ words }) => words[0] === 'bind')
        .flatMap(({ number, words }) =>
          (words[1] ?? '').split(',').map((each) => ({
            proxy: name,
            line: number,
            address: addressOf(each),
            ports: portsOf(each),
            transparent: words.includes('transparent') ? ('yes' as const) : ('no' as const),
          })),
        ),
    );
}

/** Of those that have a port, whatever stands before it. */
function portsOf(text: string): DeclaredBind['ports'] {
  const [, from = '', to = from] = /:(\d+)(?:-(\d+))?$/u.exec(text) ?? [];
  return from === '' ? undefined : { from: Number(from), to: Number(to) };
}

/** Of `ADDRESS:PORT`, `:PORT`, `[ADDRESS]:PORT`, with or without the name of a family before it. */
function addressOf(text: string): DeclaredBind['address'] {
  const colon = text.lastIndexOf(':');
  if (colon < 0 || !/^[\d-]+$/u.test(text.slice(colon + 1))) {
    return undefined;
  }
  const host = text
    .slice(0, colon)
    .replace(/^ipv[46]@/u, '')
    .replace(/^\[(.*)\]$/u, '$1');
  if (host === '' || host === '*' || host === '0.0.0.0' || host === '::') {
    return 'any';
  }
  const ip = parseIp(host);
  return ip.ok ? ip.value : undefined;
}

/** Those that the kernel refuses while the node has not the address and may not listen at others. */
export function bindsAt(
  binds: readonly DeclaredBind[],
  addresses: readonly Ip[],
  family: 'ipv4' | 'ipv6',
): readonly DeclaredBind[] {
  return binds.filter(
    ({ address, transparent }) =>
      address !== undefined &&
      address !== 'any' &&
      transparent === 'no' &&
      addresses.includes(address) &&
      isIpv6(address) === (family === 'ipv6'),
  );
}

/** The first that takes TCP connections where a service is to be. */
export function bindBehind(
  binds: readonly DeclaredBind[],
  { address, port }: { readonly address: Ip; readonly port: number },
): DeclaredBind | undefined {
  return binds.find(
    (each) =>
      (each.address === 'any' || each.address === address) &&
      each.ports !== undefined &&
      each.ports.from <= port &&
      port <= each.ports.to,
  );
}
