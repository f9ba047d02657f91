/** The servers of a simulated HAProxy: what its configuration makes of them, and what is said to the process. */

interface SimServer {
  readonly configuredWeight: number;
  /** Bits of HAProxy's srv_admin_state. */
  admin: number;
  weight: number;
}

const MAINT = 1;
const CONFIGURED_MAINT = 4;
const DRAIN = 8;
const STATES: Readonly<Record<string, number>> = { ready: 0, drain: DRAIN, maint: MAINT };

const HEADER =
  '# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight ' +
  'srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state';

export class SimServers {
  readonly #servers = new Map<string, SimServer>([
    ['web/web1', { configuredWeight: 10, weight: 10, admin: 0 }],
    ['web/web2', { configuredWeight: 10, weight: 10, admin: 0 }],
    ['web/spare', { configuredWeight: 1, weight: 1, admin: MAINT | CONFIGURED_MAINT }],
  ]);

  /** Undefined for a command that is about something else. */
  answer(command: string): string | undefined {
    if (command === 'show servers state') {
      return this.#table();
    }
    const [, stateOf, state] = /^set server (\S+) state (\S+)$/u.exec(command) ?? [];
    const [, weightOf, weight] = /^set weight (\S+) (\S+)$/u.exec(command) ?? [];
    if (stateOf !== undefined) {
      return this.#setState(stateOf, STATES[state ?? '']);
    }
    return weightOf === undefined ? undefined : this.#setWeight(weightOf, weight ?? '');
  }

  /** `drain 10`: how one server is used now. */
  usage(name: string): string {
    const { admin, weight } = this.#servers.get(name) ?? { admin: 0, weight: 0 };
    const state = (admin & MAINT) > 0 ? 'maint' : (admin & DRAIN) > 0 ? 'drain' : 'ready';
    return `${state} ${String(weight)}`;
  }

  #setState(name: string, bits: number | undefined): string {
    const server = this.#servers.get(name);
    if (server === undefined) {
      return 'No such server.\n';
    }
    if (bits === undefined) {
      return "'set server <srv> state' expects 'ready', 'drain' and 'maint'.\n";
    }
    server.admin = (server.admin & CONFIGURED_MAINT) | bits;
    return '';
  }

  #setWeight(name: string, text: string): string {
    const server = this.#servers.get(name);
    const weight = text.endsWith('%')
      ? Math.floor((Number(text.slice(0, -1)) * (server?.configuredWeight ?? 0)) / 100)
      : Number(text);
    if (server === undefined) {
      return 'No such server.\n';
    }
    if (!(weight <= 256)) {
      return 'Absolute weight can only be between 0 and 256 inclusive.\n';
    }
    server.weight = weight;
    return '';
  }

  #table(): string {
    const lines = [...this.#servers].map(([name, { admin, weight, configuredWeight }], index) => {
      const [backend = '', server = ''] = name.split('/');
      const running = (admin & MAINT) > 0 ? 0 : 2;
      return `3 ${backend} ${String(index + 1)} ${server} 10.0.0.${String(index)} ${String(running)} ${String(admin)} ${String(weight)} ${String(configuredWeight)} 0 1 0 2 0 0`;
    });
    return ['1', HEADER, ...lines, ''].join('\n');
  }
}
