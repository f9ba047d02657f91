/** Two sites that ran HAProxy before they knew of vipair: Debian's own file with a service, and one with all that sites have. */
import { withPort } from '../base/ip.js';
import type { Result } from '../base/result.js';
import { fail, ok } from '../base/result.js';
import { millis } from '../base/time.js';
import type { ProcessHost } from '../ports/process-host.js';
import type { LabFailure } from './failure.js';
import type { LabSettings } from './settings.js';
import { labDirectory } from './state-directory.js';
import type { LabName } from './topology.js';
import { VIRTUAL_ADDRESS } from './topology.js';

export interface AdoptedSite {
  readonly title: string;
  readonly settings: Pick<LabSettings, 'haproxyBase' | 'furtherHaproxy' | 'furtherFiles'>;
  /** Names that it has certificates of. */
  readonly names: readonly string[];
}

/** Names of the site, each with a certificate and a backend of its own. */
const NAMES = ['shop.example', 'mail.example'] as const;
export const TLS_PORT = 443;

/** Makes the certificates that the second one needs. */
export async function adoptedSites(
  lab: LabName,
  processes: ProcessHost,
): Promise<Result<readonly AdoptedSite[], LabFailure>> {
  const files: Record<string, string> = {};
  for (const name of NAMES) {
    const made = await processes.run('openssl', certificateArguments(name), {
      within: MADE_WITHIN,
    });
    if (!made.ok) {
      return fail({ code: 'not-ready', detail: `openssl: ${made.error.detail}` });
    }
    files[`certs/${name}.pem`] = made.value.stdout;
  }
  files['backends.map'] = `${NAMES.map((name) => `${name} ${name}`).join('\n')}\n`;
  return ok([
    {
      title: "Debian's haproxy.cfg with a service",
      settings: { haproxyBase: 'debian', furtherHaproxy: '', furtherFiles: {} },
      names: [],
    },
    {
      title: 'a site of its own: TLS, SNI, a map, stick tables',
      settings: { haproxyBase: 'lab', furtherHaproxy: sections(lab), furtherFiles: files },
      names: NAMES,
    },
  ]);
}

function sections(lab: LabName): string {
  const directory = labDirectory(lab);
  return [
    'frontend tls',
    `  bind ${withPort(VIRTUAL_ADDRESS, TLS_PORT)} ssl crt ${directory}/certs/`,
    '  http-after-response set-header x-node %[env(VIPAIR_NODE)]',
    '  stick-table type ip size 10k expire 10m store http_req_rate(10s),gpc0',
    '  http-request track-sc0 src',
    '  http-request deny deny_status 429 if { sc_http_req_rate(0) gt 100000 }',
    `  use_backend %[ssl_fc_sni,lower,map(${directory}/backends.map,web)]`,
    ...NAMES.flatMap((name) => [
      '',
      `backend ${name}`,
      `  http-response set-header x-backend ${name}`,
      '  stick-table type string len 32 size 10k expire 10m',
      '  stick on req.cook(visitor)',
      '  use-server web1 if { srv_is_up(web/web1) }',
      '  server web1 10.77.0.21:8080 track web/web1',
      '  server web2 10.77.0.22:8080 track web/web2',
    ]),
  ].join('\n');
}

/** Key and certificate on standard output, as `crt` wants them. */
function certificateArguments(name: string): readonly string[] {
  return [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-keyout', '-', '-days', '2', '-subj', `/CN=${name}`],
  ];
}

const MADE_WITHIN = millis(10_000);
