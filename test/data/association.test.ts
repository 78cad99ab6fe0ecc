import { join } from "node:path";
import test from "ava";
import { parseAssociation, readAssociation } from "../../src/data/association.js";
import { ConfigError, InputError } from "../../src/errors.js";
import { folderWith } from "../helpers/host.js";

test("a product table: members beside the file, roles in lower case", (t) => {
  const table = {
    asn_rule: "Asn_Lv2Image",
    asn_pool: "pool",
    asn_type: "image2",
    products: [
      {
        name: "one",
        members: [
          { expname: "a.fits", exptype: "SCIENCE" },
          { expname: "sub/b.fits", exptype: "background", exposerr: null },
        ],
      },
    ],
  };
  t.deepEqual(parseAssociation(table, "/data/asn.json", "/here"), {
    path: "/data/asn.json",
    table: "asn.json",
    pool: "pool",
    type: "image2",
    products: [
      {
        name: "one",
        members: [
          { path: "/data/a.fits", role: "science" },
          { path: "/data/sub/b.fits", role: "background" },
        ],
      },
    ],
  });
});

test("the dictionary form: a product for every SCI, each with all SKY as background", (t) => {
  const { products } = parseAssociation({ SCI: ["a.fits", "b.fits"], SKY: "s.fits" }, "/d/asn.json", "/");
  t.deepEqual(
    products.map(({ members }) => members.map(({ path, role }) => `${role} ${path}`)),
    [
      ["science /d/a.fits", "background /d/s.fits"],
      ["science /d/b.fits", "background /d/s.fits"],
    ],
  );
});

test("all missing files are named at once", (t) => {
  const folder = folderWith({
    "asn.json": JSON.stringify({ SCI: ["a.fits", "b.fits"], SKY: ["c.fits"] }),
    "b.fits": "",
  });
  const error = t.throws(() => readAssociation(join(folder, "asn.json"), folder), { instanceOf: InputError });
  t.is(error.message, "asn.json names 2 of 3 files that don't exist: a.fits, c.fits");
});

test("a member with a folder is found from the working folder, too", (t) => {
  const folder = folderWith({ "raw/a.fits": "", "asn/x.json": '{"SCI": ["raw/a.fits"]}' });
  const { products } = readAssociation(join(folder, "asn", "x.json"), folder);
  t.is(products[0]!.members[0]!.path, join(folder, "raw", "a.fits"));
});

for (const [why, value, message] of [
  ["no products", { products: [] }, /products — is empty/],
  ["a product without members", { products: [{ members: [] }] }, /products\.0\.members — has no members/],
  [
    "a member without a type",
    { products: [{ members: [{ expname: "a" }] }] },
    /products\.0\.members\.0\.exptype/,
  ],
  [
    "a type that nobody knows",
    { products: [{ members: [{ expname: "a", exptype: "sciense" }] }] },
    /"sciense" is no exposure type/,
  ],
  ["only sky", { SKY: ["s.fits"] }, /names no science exposure/],
  ["a list", ["a.fits"], /cannot use x\.json as an association/],
] as const)
  test(`refused: ${why}`, (t) => {
    t.throws(() => parseAssociation(value, "/d/x.json", "/"), { instanceOf: ConfigError, message });
  });
