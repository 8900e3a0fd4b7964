/** A region of 20 × 10 px as native JSON. */
export const square = {
  ...{
    id: "square123456",
    kind: "region",
    classId: "delamination",
    name: "",
    attributes: {},
    parameters: {},
  },
  ...{
    frames: "all",
    drawnOn: null,
    objectId: null,
    interfaceId: null,
    body: null,
    order: "a0",
    locked: false,
  },
  ...{
    deleted: false,
    authorClient: 1,
    drawnAt: null,
    origin: [{ by: "drawn", tool: "test", version: "1" }],
  },
  outline: {
    rings: [
      {
        ...{ closed: true, hole: false },
        vertices: [
          [10, 10],
          [30, 10],
          [30, 20],
          [10, 20],
        ].map(([x, y], id) => ({ id, x, y })),
      },
    ],
  },
};
