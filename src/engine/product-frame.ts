/** What a product's file holds: the shape of its planes, and their HDUs in order. */
import type { Keywords } from "../data/exposure.js";
import type { Kind } from "../data/kinds.js";
import type { Card, ImageSpec } from "../fits/index.js";
import type { ExtraPlane } from "../step/define.js";
import type { PlaneName } from "./write-planes.js";
import type { Source } from "./source.js";
import type { PlannedProduct } from "./plan-types.js";
import { axesAfter } from "./reframe.js";

export interface ProductFrame {
  nx: number;
  ny: number;
  /** Planes of an image stack; integrations × groups of a ramp. */
  axes: number[];
  hasVariances: boolean;
  /** Of a ramp. */
  hasZeroframe?: boolean;
}

/** What a product takes over from an input: header and shape, never pixels. */
export interface Parent {
  primary: readonly Card[];
  /** Empty where the pixels lie in the primary HDU. */
  science: readonly Card[];
  header: Keywords;
  kind: Kind;
  axes: readonly number[];
  hasVariances: boolean;
  hasZeroframe: boolean;
}

export const parentOf = ({ file, planes, header, kind, axes }: Source): Parent => ({
  primary: file.hdus[0]!.header.cards,
  science: planes.sci.index === 0 ? [] : planes.sci.header.cards,
  header,
  kind,
  axes,
  hasVariances: planes.varPoisson !== null && planes.varRnoise !== null,
  hasZeroframe: planes.zeroframe !== null,
});

/** Shape of the product; variances are kept where the first input has them or a ramp gives them. */
export function frameOf(product: PlannedProduct, parent: Parent): ProductFrame {
  const { kind, axes } = parent;
  if (product.grid) {
    const { nx, ny } = product.grid;
    return { nx, ny, axes: [nx, ny], hasVariances: false };
  }
  const [nx, ny, ...rest] = axesAfter(axes, product.inputs[0]!.steps) as [number, number, ...number[]];
  if (product.kind === "ramp")
    return {
      ...{ nx, ny, axes: [nx, ny, rest[0] ?? 1, rest[1] ?? 1] },
      ...{ hasVariances: false, hasZeroframe: parent.hasZeroframe },
    };
  const stack = kind !== "ramp" ? rest : product.planes ? [product.planes] : [];
  const hasVariances = kind === "ramp" || parent.hasVariances;
  return {
    nx,
    ny,
    axes: [nx, ny, ...stack],
    hasVariances: hasVariances && product.inputs.length === 1 && !product.joint && !product.noVariances,
  };
}

const IMAGE_PLANES: readonly { plane: PlaneName; name: string; bitpix: -32 | 32 }[] = [
  { plane: "sci", name: "SCI", bitpix: -32 },
  { plane: "err", name: "ERR", bitpix: -32 },
  { plane: "dq", name: "DQ", bitpix: 32 },
];
const VARIANCE_PLANES: typeof IMAGE_PLANES = [
  { plane: "varPoisson", name: "VAR_POISSON", bitpix: -32 },
  { plane: "varRnoise", name: "VAR_RNOISE", bitpix: -32 },
];

const WEIGHT_PLANE: (typeof IMAGE_PLANES)[number] = { plane: "weight", name: "WHT", bitpix: -32 };

/** The planes of a product in the order of its HDUs; HDU 0 is the primary header. */
export function productPlanes(
  product: PlannedProduct,
  frame: ProductFrame,
): { plane: PlaneName; spec: ImageSpec }[] {
  if (product.kind === "ramp") {
    const flat = [frame.nx, frame.ny];
    return [
      { plane: "sci", spec: { name: "SCI", bitpix: -32, axes: frame.axes, cards: [] } },
      { plane: "pixeldq", spec: { name: "PIXELDQ", bitpix: 32, unsigned: true, axes: flat, cards: [] } },
      { plane: "groupdq", spec: { name: "GROUPDQ", bitpix: 8, axes: frame.axes, cards: [] } },
      ...(frame.hasZeroframe ? [{ plane: "zeroframe" as const, spec: zeroframeSpec(frame) }] : []),
    ];
  }
  const planes = [
    ...IMAGE_PLANES,
    ...(frame.hasVariances ? VARIANCE_PLANES : []),
    ...(product.grid?.weighted ? [WEIGHT_PLANE] : []),
  ];
  const own = planes.map(({ plane, name, bitpix }): { plane: PlaneName; spec: ImageSpec } => ({
    plane,
    spec: { name, bitpix, unsigned: bitpix === 32, axes: frame.axes, cards: [] },
  }));
  return [...own, ...(product.extras ?? []).map((extra) => extraPlane(extra, frame))];
}

const zeroframeSpec = ({ nx, ny, axes }: ProductFrame): ImageSpec => ({
  ...{ name: "ZEROFRAME", bitpix: -32, axes: [nx, ny, axes[3]!] },
  cards: [{ keyword: "COMMENT", comment: "first read of each ramp; 0: no value" }],
});

function extraPlane(
  { name, axes, type, unit, comment }: ExtraPlane,
  { nx, ny }: ProductFrame,
): { plane: PlaneName; spec: ImageSpec } {
  const bitpix = type === "f32" ? -32 : 32;
  return {
    plane: `extra ${name}`,
    spec: {
      ...{ name, bitpix, unsigned: type === "u32", axes: [nx, ny, ...axes] },
      cards: [unit === "" ? { keyword: "COMMENT", comment } : { keyword: "BUNIT", value: unit, comment }],
    },
  };
}
