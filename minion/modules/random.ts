/** Execution module `random`: chance, for templates and command lines. */
import { execModule } from './contract.ts'
import { pureFunctions } from './pure-function.ts'

export const randomModule = execModule({
  summary: 'Numbers and texts by chance, or by a seed as Salt has them.',
  functions: pureFunctions('random', {
    get_str: {
      summary: 'A text of characters by chance.',
      args: {
        'length?': 'Number of characters, default 20.',
        'chars?': 'The characters to choose from.',
        'lowercase?': 'Small letters among them, default True.',
        'uppercase?': 'Capital letters among them, default True.',
        'digits?': 'Digits among them, default True.',
        'punctuation?': 'Punctuation among them, default True.',
        'whitespace?': 'Blanks among them, default False.',
        'printable?': 'All of these.',
      },
      example: "tsalt '*' random.get_str 32 punctuation=False",
    },
    rand_int: {
      summary: 'An integer by chance.',
      args: {
        'start?': 'The smallest, default 1.',
        'end?': 'The largest, default 10.',
        'seed?': 'The same seed gives the same number.',
      },
      example: "tsalt '*' random.rand_int 1 100",
    },
    seed: {
      summary: "An integer that is the same for the same minion, from 0 up to and without the range's.",
      args: { 'range?': 'How many different ones, default 10.', 'hash?': 'What stands for the minion id.' },
      example: "tsalt '*' random.seed 60",
    },
    hash: {
      summary: 'The hash of a text.',
      args: { value: 'The text.', 'algorithm?': 'Default sha512.' },
      example: "tsalt '*' random.hash 'text' sha256",
    },
    str_encode: {
      summary: 'A text in Base64.',
      args: { value: 'The text.', 'encoder?': 'Only base64.' },
      example: "tsalt '*' random.str_encode 'text'",
    },
    sample: {
      summary: 'Some items of a list by chance.',
      args: { value: 'The list.', size: 'How many.', 'seed?': 'The same seed gives the same ones.' },
      example: "tsalt '*' random.sample '[1, 2, 3]' 2",
    },
    shuffle: {
      summary: 'The items of a list in another order by chance.',
      args: { value: 'The list.', 'seed?': 'The same seed gives the same order.' },
      example: "tsalt '*' random.shuffle '[1, 2, 3]'",
    },
  }),
})
