/** What an operator pushes from the owner to the standby, one thing after the other: files that are right, and files that are not. */

export interface PushStep {
  readonly name: string;
  /** One sentence for the operator who watches. */
  readonly story: string;
  /** What haproxy.cfg of the owner becomes, out of the one that the lab was raised with. */
  edit(text: string): string;
  /** What lies beside it, as certs/site.pem. */
  readonly certificate: 'right' | 'of another key' | 'right, and another';
  readonly expected: 'pushed' | 'rolled back' | 'refused';
  /** What the refusal or the reason says. */
  readonly because: string;
}

const SECURE = `
global
  default-path config

frontend secure
  bind 127.0.0.1:8443 ssl crt certs/site.pem
  default_backend web
`;

const secured = (text: string): string => `${text}${SECURE}`;

export const PUSH_STEPS: readonly PushStep[] = [
  {
    name: 'good push',
    story: 'a frontend with a certificate, in haproxy.cfg and certs/site.pem',
    edit: secured,
    certificate: 'right',
    expected: 'pushed',
    because: '',
  },
  {
    name: 'bad certificate',
    story: 'certs/site.pem gets the key of another certificate',
    edit: secured,
    certificate: 'of another key',
    expected: 'refused',
    because: 'certs/site.pem: its key belongs to another certificate',
  },
  {
    name: 'the peer refuses',
    story: 'a haproxy.cfg that only the HAProxy of the other node refuses',
    edit: (text) =>
      `${secured(text)}\n.if streq("$VIPAIR_NODE",OTHER)\n  .alert "a module is missing here"\n.endif\n`,
    certificate: 'right, and another',
    expected: 'refused',
    because: 'a module is missing here',
  },
  {
    name: 'health falls',
    story: 'a haproxy.cfg that both take, with a port of web1 on which nobody listens',
    edit: (text) =>
      secured(text).replace(/(server web1 [^:]+):\d+ (.*)/u, '$1:9 $2 fastinter 200ms'),
    certificate: 'right, and another',
    expected: 'rolled back',
    because: 'up before and down now: web/web1',
  },
];
