/** What the statement on a picture asks of its file and pixels, apart from what the detector says. */
export interface JudgedPicture {
  width: number;
  height: number;
  /** E.g. `jpeg`, `png`. */
  format: string;
  /** Of libjpeg, 1 to 100; null where it is no JPEG. */
  quality: number | null;
  /** No pixel has any colour. */
  grey: boolean;
  /** This program rendered it. */
  rendered: boolean;
}
