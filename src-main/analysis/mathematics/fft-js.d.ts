/** The part of fft.js that is used; the package has no types of its own. */
declare module 'fft.js' {
  type Numbers = Float64Array;
  export default class FFT {
    constructor(size: number);
    /** Complex, interleaved. */
    transform(out: Numbers, data: Numbers): void;
    /** Real input of `size` values; fills frequencies 0 to size / 2 of `spectrum`. */
    realTransform(spectrum: Numbers, data: Numbers): void;
    /** Fills the upper half by conjugate symmetry. */
    completeSpectrum(spectrum: Numbers): void;
    /** Divided by `size`. */
    inverseTransform(out: Numbers, data: Numbers): void;
  }
}
