/** The servers of a simulated HAProxy: what its configuration makes of them, and what is said to the process. */

interface SimServer {
  readonly id: number;
  readonly address: string;
  /** Bits of HAProxy's srv_check_state. */
  checks: number;
  /** Set by the test. */
  sessions: number;
  /** What HAProxy's checks have found. */
  status: 'UP' | 'DOWN';
  readonly configuredWeight: number;
  /** Bits of HAProxy's srv_admin_state. */
  admin: number;
  weight: number;
}

const MAINT = 1;
const CONFIGURED_MAINT = 4;
const DRAIN = 8;
const STATES: Readonly<Record<string, number>> = { ready: 0, drain: DRAIN, maint: MAINT };

const CHECK_CONFIGURED = 2;
const CHECK_ENABLED = 4;

function configured(
  id: number,
): Pick<SimServer, 'id' | 'address' | 'checks' | 'sessions' | 'status'> {
  return { id, address: `10.0.0.${String(id - 1)}`, checks: 0, sessions: 0, status: 'UP' };
}

const HEADER =
  '# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight ' +
  'srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state';

export class SimServers {
  readonly #servers = new Map<string, SimServer>([
    ['web/web1', { ...configured(1), configuredWeight: 10, weight: 10, admin: 0 }],
    ['web/web2', { ...configured(2), configuredWeight: 10, weight: 10, admin: 0 }],
    [
      'web/spare',
      { ...configured(3), configuredWeight: 1, weight: 1, admin: MAINT | CONFIGURED_MAINT },
    ],
  ]);

  /** Undefined for a command that is about something else. */
  answer(command: string): string | undefined {
    if (command === 'show servers state') {
      return this.#table();
    }
    if (command === 'show stat -1 4 -1') {
      return this.#loads();
    }
    const [, verb = '', name = '', definition = ''] =
      /^(add server|enable health|shutdown sessions server|del server) (\S+) ?(.*)$/u.exec(
        command,
      ) ?? [];
    if (verb !== '') {
      return this.#change(verb, name, definition);
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

  /** What its checks have come to. */
  find(address: string, status: 'UP' | 'DOWN'): void {
    for (const server of this.#servers.values()) {
      server.status = server.address === address ? status : server.status;
    }
  }

  /** Addresses of those that requests go to. */
  get inService(): readonly string[] {
    return [...this.#servers.values()]
      .filter(({ admin, status }) => (admin & MAINT) === 0 && status === 'UP')
      .map(({ address }) => address);
  }

  /** Clients come to a server, or have gone. */
  occupy(name: string, sessions: number): void {
    const server = this.#servers.get(name);
    if (server !== undefined) {
      server.sessions = sessions;
    }
  }

  /** The configuration has this one too from now on. */
  configure(name: string): void {
    this.#servers.set(name, { ...configured(99), configuredWeight: 1, weight: 1, admin: 0 });
  }

  /** All names, sorted. */
  get names(): readonly string[] {
    return [...this.#servers.keys()].toSorted();
  }

  #change(verb: string, name: string, definition: string): string {
    if (verb === 'add server') {
      return this.#add(name, definition);
    }
    const server = this.#servers.get(name);
    if (server === undefined) {
      return 'No such server.\n';
    }
    if (verb === 'enable health') {
      server.checks |= server.checks === 0 ? 0 : CHECK_ENABLED;
      return '';
    }
    if (verb === 'shutdown sessions server') {
      server.sessions = 0;
      return '';
    }
    if ((server.admin & MAINT) === 0) {
      return 'Only servers in maintenance mode can be deleted.\n';
    }
    if (server.sessions > 0) {
      return 'Server still has connections attached to it, cannot remove it.\n';
    }
    this.#servers.delete(name);
    return 'Server deleted.\n';
  }

  #add(name: string, definition: string): string {
    const [backend = ''] = name.split('/');
    if (backend === 'hashed') {
      return 'Backend must use a dynamic load balancing to support dynamic servers.\n';
    }
    if (backend !== 'web') {
      return 'No such backend.\n';
    }
    if (this.#servers.has(name)) {
      return 'Already exists a server with the same name in backend.\n\n';
    }
    const [address = '', ...words] = definition.split(' ');
    const after = (keyword: string): number | undefined =>
      words.includes(keyword) ? Number(words[words.indexOf(keyword) + 1]) : undefined;
    const weight = after('weight') ?? 1;
    const id = after('id') ?? this.#servers.size + 1;
    const checks = words.includes('check') ? CHECK_CONFIGURED : 0;
    const usage = {
      ...{ configuredWeight: weight, weight, admin: MAINT },
      ...{ sessions: 0, status: 'UP' as const },
    };
    this.#servers.set(name, { id, address, checks, ...usage });
    return 'New server registered.\n\n';
  }

  #loads(): string {
    const lines = [...this.#servers].map(([name, { sessions, status }]) =>
      [...name.split('/'), 0, sessions, 0, 0, status, 0, ''].join(','),
    );
    return ['# pxname,svname,qcur,scur,econ,eresp,status,chkfail,check_status', ...lines, ''].join(
      '\n',
    );
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
    const lines = [...this.#servers].map(([name, each]) => {
      const { id, address, checks, admin, weight, configuredWeight } = each;
      const [backend = '', server = ''] = name.split('/');
      const running = (admin & MAINT) > 0 ? 0 : 2;
      return `3 ${backend} ${String(id)} ${server} ${address} ${String(running)} ${String(admin)} ${String(weight)} ${String(configuredWeight)} 0 1 0 2 ${String(checks)} 0`;
    });
    return ['1', HEADER, ...lines, ''].join('\n');
  }
}
