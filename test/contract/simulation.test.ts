/** The simulation's fakes keep the same contracts as the kernel and HAProxy; otherwise it would prove nothing. */
import { ipv4 as address } from './expected.js';
import type { MacAddress } from '../../src/base/mac.js';
import { later, millis } from '../../src/base/time.js';
import { Chance } from '../sim/chance.js';
import type { DrillFault } from '../../src/core/drill-fault.js';
import { SimConntrack } from '../sim/conntrack.js';
import { SimDrillHands } from '../sim/drill-hands.js';
import { SimJournal } from '../sim/journal.js';
import { SimKernel } from '../sim/kernel.js';
import type { LanPort } from '../sim/lan.js';
import { SimLan } from '../sim/lan.js';
import { SimPairWire } from '../sim/pair-wire.js';
import { SimProcess } from '../sim/process.js';
import { SimPushedFiles } from '../sim/pushed-files.js';
import { SimProxy } from '../sim/proxy.js';
import { Scheduler } from '../sim/scheduler.js';
import { SimServiceRules } from '../sim/service-rules.js';
import { SimSigningMemory } from '../sim/signing-memory.js';
import { SimVirtualInterfaces } from '../sim/virtual-interfaces.js';
import { addressTableContract } from './address-table.contract.js';
import { advertSocketsContract } from './advert-socket.contract.js';
import { clockContract } from './clock.contract.js';
import { connectionsContract } from './connections.contract.js';
import { drillHostContract } from './drill-host.contract.js';
import { flowTableContract } from './flow-table.contract.js';
import { journalContract } from './journal.contract.js';
import { leaseTableContract } from './lease-table.contract.js';
import { linksContract } from './links.contract.js';
import { neighboursContract } from './neighbours.contract.js';
import { pairTransportContract } from './pair-transport.contract.js';
import { pushedFilesContract } from './pushed-files.contract.js';
import { proxyHostContract } from './proxy-host.contract.js';
import { serviceRulesContract } from './service-rules.contract.js';
import { signingMemoryContract } from './signing-memory.contract.js';
import { virtualInterfacesContract } from './virtual-interfaces.contract.js';

const scheduler = new Scheduler();
const process = new SimProcess(scheduler);
const kernel = new SimKernel(scheduler, {
  interface: 'eth0',
  ownAddress: address('10.77.0.1'),
});

function elapse(ms: number): Promise<void> {
  return scheduler.run(later(scheduler.now, millis(ms)), () => undefined);
}

function lanPort(name: string, ...own: readonly [string, ...string[]]): LanPort {
  return {
    name,
    ownAddress: address(own[0]),
    linkUp: () => true,
    mac: `02:00:00:00:00:0${String(name.length)}` as MacAddress,
    mayHave: (asked) => own.includes(asked),
    answers: () => true,
  };
}

/** A test waits for an answer, and virtual time passes only while somebody lets it. */
function patient<Port extends object>(port: Port): Port {
  return new Proxy(port, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function'
        ? (...args: unknown[]): unknown => {
            const answer: unknown = Reflect.apply(member, target, args);
            return answer instanceof Promise ? whilePassing(answer) : answer;
          }
        : member;
    },
  });
}

async function whilePassing(answer: Promise<unknown>): Promise<unknown> {
  const waiting = { settled: 'no' as 'no' | 'yes' };
  void answer.then(() => {
    waiting.settled = 'yes';
  });
  await Promise.resolve();
  while (waiting.settled === 'no') {
    await elapse(0.1);
  }
  const value: unknown = await answer;
  const session = (value as { readonly value?: { readonly ask?: unknown } } | undefined)?.value;
  return session?.ask === undefined ? value : { ok: true, value: patient(session) };
}

drillHostContract('SimDrillHands', () => {
  const inflicted = new Set<DrillFault>();
  const hands = new SimDrillHands('lb1', process, {
    obstacle: ({ kind }) => (kind === 'fill-disk' ? 'there is no disk' : undefined),
    inflict: (fault) => inflicted.add(fault),
    undo: (fault) => inflicted.delete(fault),
  });
  return {
    host: hands.host(),
    next: () => hands.host(),
    fault: { kind: 'link-down', interface: 'eth0' },
    isInflicted: () => inflicted.size > 0,
    notFeasible: { kind: 'fill-disk' },
    killHand: () => {
      hands.kill();
      return Promise.resolve();
    },
    elapse,
  };
});

clockContract('SimProcess', () => ({ clock: process, elapse }));

addressTableContract('SimKernel', () => ({
  table: patient(kernel.addressTable(process)),
  interface: 'eth0',
  elapse,
  removeByHand: ({ cidr }) => {
    kernel.steal(cidr.address);
  },
}));

connectionsContract('SimKernel', () =>
  Promise.resolve({
    connections: patient(kernel.connections(process)),
    servedOn: () => Promise.resolve(kernel.servedOn),
  }),
);

leaseTableContract('SimKernel', () => ({
  leases: patient(kernel.leaseTable(process)),
  elapse,
  flush: () => {
    kernel.flushRules();
    return Promise.resolve();
  },
}));

advertSocketsContract('SimLan', () => {
  const lan = new SimLan(scheduler, new Chance(1));
  const port = lanPort;
  const ports = { here: port('here', '10.77.0.1'), there: port('there', '10.77.0.2') };
  return {
    open: (side, opening, handlers) => {
      const opened = lan
        .adverts(ports[side], process)
        .open({ interface: 'eth0', ...opening }, handlers);
      if (!opened.ok) {
        throw new Error(opened.error.detail);
      }
      return opened.value;
    },
    elapse,
  };
});

neighboursContract('SimLan', () => {
  const lan = new SimLan(scheduler, new Chance(1));
  const here = lanPort('here', '10.77.0.1', 'fd77::1');
  const there = lanPort('there', '10.77.0.2', 'fd77::2');
  lan.attach(here);
  lan.attach(there);
  return {
    open: (name, handlers) => lan.neighbours(here, process).open({ interface: name }, handlers),
    interface: 'eth0',
    theirMac: () => there.mac,
    announce: (announced) => {
      lan.announce(there, announced);
    },
    elapse,
  };
});

pairTransportContract('SimPairWire', () => {
  const transport = patient(new SimPairWire(scheduler).transport(process));
  return {
    listener: transport,
    dialler: transport,
    addresses: { listener: address('10.77.1.2'), dialler: address('10.77.1.1') },
    port: 5112,
    until: async (what, isSo) => {
      for (let waited = 0; waited < 100 && !isSo(); waited += 1) {
        await elapse(0.1);
      }
      if (!isSo()) {
        throw new Error(`not within 10 ms: ${what}`);
      }
    },
  };
});

linksContract('SimKernel', () => ({
  links: patient(kernel.links(process)),
  interface: 'eth0',
  elapse,
  turn: (how) => {
    kernel.setLink(how);
  },
  unplug: () => {
    kernel.setLink('down');
  },
  remove: () => {
    kernel.setLink('missing');
  },
  make: () => {
    kernel.setLink('up');
  },
}));

virtualInterfacesContract('SimVirtualInterfaces', () => {
  const virtual = new SimVirtualInterfaces('eth0');
  return {
    interfaces: patient(virtual.interfaces(process)),
    parent: 'eth0',
    isUp: (name) => virtual.isUp(name),
  };
});

proxyHostContract('SimProxy', () => {
  const proxy = new SimProxy(scheduler);
  return {
    proxy: patient(proxy.host(process)),
    broken: patient(new SimProxy(scheduler, 'invalid').host(process)),
    reload: () => {
      proxy.reload();
    },
    elapse,
  };
});

journalContract('SimJournal', () => {
  const journal = new SimJournal(20);
  return {
    journal,
    bytes: 2000,
    tear: () => {
      journal.lines.push(journal.lines.pop()!.slice(0, 3));
    },
    fill: () => {
      journal.mood = 'full';
    },
    mend: () => {
      journal.mood = 'willing';
    },
    next: () => journal,
  };
});

signingMemoryContract('SimSigningMemory', () => {
  const memory = new SimSigningMemory();
  return { memory, next: () => memory };
});

pushedFilesContract('SimPushedFiles', () => {
  const files = new SimPushedFiles('/etc/haproxy/haproxy.cfg');
  files.judge = (text) => (text === 'right' ? undefined : 'wrong');
  return {
    files,
    directory: '/etc/haproxy',
    write: (path, text) => {
      files.write(path, text);
    },
    read: (path) => files.read(path),
    again: () => files,
  };
});

flowTableContract('SimConntrack', () => {
  const flows = new SimConntrack(scheduler);
  return {
    table: patient(flows.table(process)),
    others: patient(flows.table(new SimProcess(scheduler))),
    elapse,
  };
});

serviceRulesContract('SimServiceRules', () => {
  const rules = new SimServiceRules();
  const passedOn = (port: number) => {
    const servers = rules.serversOf(port);
    return Promise.resolve(
      servers === 'nothing'
        ? servers
        : servers.map((each) => `${each.address} ${String(each.port)}`).toSorted(),
    );
  };
  return { rules, passedOn };
});
