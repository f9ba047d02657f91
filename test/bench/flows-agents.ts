/** The programs that make flows inside the nodes, as the bench sees them. */
import type { AgentAnswer, AgentAsked } from './flows-agent.js';
import { InsideProgram } from './inside-program.js';

export class AgentOf {
  readonly #program: InsideProgram<AgentAsked, AgentAnswer>;

  private constructor(program: InsideProgram<AgentAsked, AgentAnswer>) {
    this.#program = program;
  }

  /** Resolves when it is ready to be asked. */
  static async start(namespace: string): Promise<AgentOf> {
    return new AgentOf(await InsideProgram.start(namespace, 'flows-agent.ts'));
  }

  async ask(asked: AgentAsked): Promise<void> {
    await this.#program.ask(asked);
  }

  async stamps(asked: AgentAsked): Promise<readonly (number | null)[]> {
    return (await this.#program.ask(asked)).stamps ?? [];
  }

  /** How many flows the kernel has. */
  async count(): Promise<number> {
    return (await this.#program.ask({ ask: 'count' })).count ?? NaN;
  }

  close(): void {
    this.#program.close();
  }
}
