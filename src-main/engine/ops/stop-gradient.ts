/** Values whose computation is not trained through. */
import * as tf from '@tensorflow/tfjs-core';

/** `f(x)` as a constant: the gradient with respect to x is zero. f may be any composition of tensor operations. */
export function withoutGradient<X extends tf.Tensor, Y extends tf.Tensor>(x: X, f: (x: X) => Y): Y {
  const detached = tf.customGrad((input) => ({
    value: f(input as X),
    gradFunc: () => tf.zerosLike(input as tf.Tensor),
  }));
  return detached(x) as Y;
}
