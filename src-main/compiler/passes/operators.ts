/** What passes know about operators. */

/** One operand that has the result's shape; any further inputs are scalars. */
const unary = [
  ...[
    'Abs',
    'Acos',
    'Acosh',
    'Asin',
    'Asinh',
    'Atan',
    'Atanh',
    'Cast',
    'Ceil',
    'Clip',
    'Cos',
    'Cosh',
    'Elu',
    'Erf',
  ],
  ...[
    'Exp',
    'Floor',
    'IsInf',
    'IsNaN',
    'LeakyRelu',
    'Log',
    'Neg',
    'Not',
    'Reciprocal',
    'Relu',
    'Round',
    'Selu',
  ],
  ...['Sigmoid', 'Sign', 'Sin', 'Sinh', 'Softplus', 'Sqrt', 'Tan', 'Tanh'],
];

/** Operands that broadcast against each other. */
const broadcasting = [
  ...[
    'Add',
    'And',
    'Div',
    'Equal',
    'Greater',
    'GreaterOrEqual',
    'Less',
    'LessOrEqual',
    'Max',
    'Min',
    'Mod',
    'Mul',
  ],
  ...['Or', 'Pow', 'Sub', 'Where', 'Xor'],
];

const elementwise: ReadonlySet<string> = new Set([...unary, ...broadcasting]);

/** Whether each element of the result depends on one element of each operand, with broadcasting. */
export const isElementwise = (op: string): boolean => elementwise.has(op);
