/** Seeded chance: the same seed, the same run. The lab's torture throws the same dice. */
export { Dice as Chance } from '../../src/lab/persistence/dice.js';
