/** Talks with the programs that make flows inside the nodes. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { AgentAnswer, AgentAsked } from './flows-agent.js';

const PROGRAM = fileURLToPath(new URL('flows-agent.ts', import.meta.url));

export class AgentOf {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: AgentAnswer) => void>();
  #asked = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on('message', (message: { readonly number: number; readonly answer: AgentAnswer }) => {
      this.#waiting.get(message.number)?.(message.answer);
      this.#waiting.delete(message.number);
    });
    child.on('exit', () => {
      this.#waiting.forEach((tell) => {
        tell({ problem: 'the agent has ended' });
      });
    });
  }

  /** Resolves when it is ready to be asked. */
  static async start(namespace: string): Promise<AgentOf> {
    const child = spawn(
      'ip',
      ['netns', 'exec', namespace, process.execPath, '--import', 'tsx', PROGRAM],
      { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
    );
    const agent = new AgentOf(child);
    await agent.#answerTo(0);
    return agent;
  }

  async ask(asked: AgentAsked): Promise<AgentAnswer> {
    this.#asked += 1;
    const number = this.#asked;
    const answered = this.#answerTo(number);
    this.#child.send({ number, asked });
    return answered;
  }

  async stamps(asked: AgentAsked): Promise<readonly (number | null)[]> {
    return (await this.ask(asked)).stamps ?? [];
  }

  /** How many flows the kernel has. */
  async count(): Promise<number> {
    return (await this.ask({ ask: 'count' })).count ?? NaN;
  }

  close(): void {
    this.#child.disconnect();
  }

  async #answerTo(number: number): Promise<AgentAnswer> {
    const answer = await new Promise<AgentAnswer>((resolve) => {
      this.#waiting.set(number, resolve);
    });
    if (answer.problem !== undefined) {
      throw new Error(`the agent in a node: ${answer.problem}`);
    }
    return answer;
  }
}
