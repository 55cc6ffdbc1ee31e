/** Sentences of painting masks. */
export const maskText = {
  paint: 'Paint mask',
  title: (name: string) => `Mask of ${name}`,
  intro:
    'Paint what is forged. With the keyboard: arrows move, Space puts the brush down and lifts it or sets a corner, Enter closes a polygon.',
  tool: 'Tool',
  brush: 'Brush',
  polygon: 'Polygon',
  eraser: 'Eraser',
  width: 'Width',
  pixels: (width: number) => `${width} px`,
  close: 'Close polygon',
  canvas: 'Picture under the mask',
  save: 'Save as new mask',
} as const;
