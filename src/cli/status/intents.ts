/** What operators want of the proxy's servers, in a line. */
import type { IntentsStatus } from '../../telemetry/servers.js';
import { bad, doubtful } from '../paint.js';

/** Nothing where nobody has ever wanted anything. */
export function intentsLine({ servers, differing, kept, problem }: IntentsStatus): string {
  if (servers === 0 && problem === undefined && kept !== 'memory only') {
    return '';
  }
  const differ =
    differing.length === 0 ? '' : `; ${bad(`HAProxy here differs: ${named(differing)}`)}`;
  const where = kept === 'on disk' ? '' : `; ${doubtful(kept)}`;
  const why = problem === undefined ? '' : `; ${bad(problem)}`;
  return `intents: of ${String(servers)} server${servers === 1 ? '' : 's'}${differ}${where}${why} (vipair server list)`;
}

function named(names: readonly string[]): string {
  const more = names.length - NAMES_SHOWN;
  return `${names.slice(0, NAMES_SHOWN).join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`;
}

const NAMES_SHOWN = 3;
