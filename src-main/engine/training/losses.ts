/**
 * The losses of METHOD: classification, simulation similarity, kernel diversity, and what keeps the generator's masks and
 * styles sound. Pure functions of tensors, each returning a scalar. Maps are NHWC with the k kernels in the last axis.
 */
import * as tf from '@tensorflow/tfjs-core';
import { areaResize } from '../ops/resize.ts';

/** Under every square root of a mean square, so that its gradient stays finite. */
const DISTANCE_EPSILON = 1e-6;
/** Side to which masks and maps are pooled before the fully connected layer of L_sim. */
export const SIMILARITY_POOL = 4;

/**
 * `-y log p - (1 - y) log(1 - p)` of each sample, `p = sigmoid(logit)`, from logits without overflow.
 * @param labels 1 simulated, 0 real; may be soft. Same shape as the logits.
 */
export const binaryCrossEntropy = (logits: tf.Tensor, labels: tf.Tensor): tf.Tensor =>
  tf.add(tf.sub(tf.relu(logits), tf.mul(logits, labels)), tf.log1p(tf.exp(tf.neg(tf.abs(logits)))));

/** A loss and what it is multiplied by in a total. */
export type WeightedLoss = readonly [weight: number, loss: tf.Scalar];

/** `sum_i weight_i loss_i`. What has weight 0 is left out, so that no gradient is computed for it. */
export function weightedSum(losses: readonly WeightedLoss[]): tf.Scalar {
  const weighted = losses
    .filter(([weight]) => weight !== 0)
    .map(([weight, loss]) => (weight === 1 ? loss : tf.mul<tf.Scalar>(loss, weight)));
  return weighted.length === 0 ? tf.scalar(0) : tf.addN(weighted);
}

/** First loss, L_cls: the mean of `binaryCrossEntropy` over the batch. `[n], [n] -> []` */
export const classificationLoss = (logits: tf.Tensor, labels: tf.Tensor): tf.Scalar =>
  tf.mean(binaryCrossEntropy(logits, labels));

/** `d(M_i, P_i) = sqrt(mean over positions of (M_i - P_i)^2 + 1e-6)`. `[n, h, w, k], [n, h, w, k] -> [n, k]` */
export const mapDistance = (masks: tf.Tensor4D, maps: tf.Tensor4D): tf.Tensor2D =>
  tf.sqrt(tf.add(tf.mean(tf.square(tf.sub(masks, maps)), [1, 2]), DISTANCE_EPSILON));

/**
 * The similarity weights w_i: softmax over i of one fully connected layer on `[pool(M_i) ; pool(P_i)]`, shared over i.
 * @param layer `[2 pool^2, 1]`
 * @param bias `[1]`
 * @returns `[n, k]`, each row sums to 1
 */
export function similarityWeights(
  masks: tf.Tensor4D,
  maps: tf.Tensor4D,
  layer: tf.Tensor2D,
  bias: tf.Tensor1D,
): tf.Tensor2D {
  const [n, , , k] = masks.shape;
  const pool = (x: tf.Tensor4D) =>
    tf.reshape(tf.transpose(areaResize(x, SIMILARITY_POOL, SIMILARITY_POOL), [0, 3, 1, 2]), [
      n * k,
      SIMILARITY_POOL ** 2,
    ]);
  const features = tf.concat([pool(masks), pool(maps)], 1);
  return tf.softmax(tf.reshape(tf.add(tf.matMul(features, layer), bias), [n, k])) as tf.Tensor2D;
}

/** The share of w_i that every map is given, so that one map cannot take all of it (METHOD, pitfall 6). */
export const flooredWeights = (weights: tf.Tensor2D): tf.Tensor2D =>
  tf.add(tf.mul(weights, 0.5), 0.5 / weights.shape[1]) as tf.Tensor2D;

/** Second loss, L_sim: `mean_n sum_i w_i d(M_i, P_i)`. `[n, h, w, k], [n, h, w, k], [n, k] -> []` */
export const similarityLoss = (masks: tf.Tensor4D, maps: tf.Tensor4D, weights: tf.Tensor2D): tf.Scalar =>
  tf.mean(tf.sum(tf.mul(weights, mapDistance(masks, maps)), 1));

/** Cosines of all pairs of kernels, flattened. `[3, 3, c, k] -> [k, k]` */
export function kernelCosines(kernels: tf.Tensor4D): tf.Tensor2D {
  const k = kernels.shape[3];
  const columns = tf.reshape(kernels, [-1, k]);
  const lengths = tf.sqrt(tf.add(tf.sum(tf.square(columns), 0, true), 1e-12));
  const unit = tf.div(columns, lengths);
  return tf.matMul(unit, unit, true, false) as tf.Tensor2D;
}

/** Third loss, L_div: the mean over i != h of `cos(K_i, K_h)`; 0 for a single kernel. `[3, 3, c, k] -> []` */
export function diversityLoss(kernels: tf.Tensor4D): tf.Scalar {
  const k = kernels.shape[3];
  if (k === 1) return tf.scalar(0);
  const others = tf.sub(1, tf.eye(k));
  return tf.div(tf.sum(tf.mul(kernelCosines(kernels), others)), k * (k - 1));
}

/** L_fus: the fused map P against the area-averaged mask. Both `[n, h, w]`, P in (0, 1). Ours, not of the claims. */
export function fusedMapLoss(map: tf.Tensor, mask: tf.Tensor): tf.Scalar {
  const p = tf.clipByValue(map, 1e-5, 1 - 1e-5);
  const likelihood = tf.add(tf.mul(mask, tf.log(p)), tf.mul(tf.sub(1, mask), tf.log(tf.sub(1, p))));
  return tf.neg(tf.mean(likelihood));
}

/**
 * R, which keeps the fused mask sound: area in 5 to 50 %, decided values, short outlines:
 * `4 [relu(.05 - area) + relu(area - .5)] + .5 mean M(1 - M) + .5 TV(M)`.
 * @param mask `[n, h, w, 1]`
 */
export function maskRegulariser(mask: tf.Tensor4D): tf.Scalar {
  const [n, h, w] = mask.shape;
  const area = tf.mean(mask, [1, 2, 3]);
  const bounds = tf.mean(tf.add(tf.relu(tf.sub(0.05, area)), tf.relu(tf.sub(area, 0.5))));
  const undecided = tf.mean(tf.mul(mask, tf.sub(1, mask)));
  const down = tf.sub(
    tf.slice(mask, [0, 1, 0, 0], [n, h - 1, w, 1]),
    tf.slice(mask, [0, 0, 0, 0], [n, h - 1, w, 1]),
  );
  const along = tf.sub(
    tf.slice(mask, [0, 0, 1, 0], [n, h, w - 1, 1]),
    tf.slice(mask, [0, 0, 0, 0], [n, h, w - 1, 1]),
  );
  const variation = tf.add(tf.mean(tf.abs(down)), tf.mean(tf.abs(along)));
  return tf.add(tf.mul(bounds, 4), tf.add(tf.mul(undecided, 0.5), tf.mul(variation, 0.5)));
}

/** Mean absolute difference. */
export const absoluteLoss = (a: tf.Tensor, b: tf.Tensor): tf.Scalar => tf.mean(tf.abs(tf.sub(a, b)));

/** Channel means and deviations over space. `[n, h, w, c] -> [n, 1, 1, c]` each */
function moments(x: tf.Tensor4D) {
  const mean = tf.mean(x, [1, 2], true);
  const variance = tf.mean(tf.square(tf.sub(x, mean)), [1, 2], true);
  return { mean, deviation: tf.sqrt(tf.add(variance, 1e-5)) };
}

/** L_sty of one layer: squared differences of channel means and deviations of the result and the reference. */
export function styleLoss(result: tf.Tensor4D, reference: tf.Tensor4D): tf.Scalar {
  const a = moments(result);
  const b = moments(reference);
  return tf.add(
    tf.mean(tf.square(tf.sub(a.mean, b.mean))),
    tf.mean(tf.square(tf.sub(a.deviation, b.deviation))),
  );
}

/** Below a difference of 4 grey levels, two pictures count as being of one style. */
const SAME_STYLE = (4 / 255) ** 2;

/**
 * L_sty of one layer as a share of the way: `styleLoss(result, reference) / (styleLoss(content, reference) + (4/255)^2)`. It
 * is 1 where nothing was transferred and 0 where the reference's style was reached, whatever the unit and the size of the
 * layer's features, so that it can be weighed against L_con, which is in deviations, and L_rec, a share of the grey range.
 */
export const relativeStyleLoss = (
  result: tf.Tensor4D,
  content: tf.Tensor4D,
  reference: tf.Tensor4D,
): tf.Scalar => tf.div(styleLoss(result, reference), tf.add(styleLoss(content, reference), SAME_STYLE));

/** L_con of one layer: squared difference of the instance-normalised maps of the result and the content. */
export function contentLoss(result: tf.Tensor4D, content: tf.Tensor4D): tf.Scalar {
  const normalise = (x: tf.Tensor4D) => {
    const m = moments(x);
    return tf.div(tf.sub(x, m.mean), m.deviation);
  };
  return tf.mean(tf.square(tf.sub(normalise(result), normalise(content))));
}
