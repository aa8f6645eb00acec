// @ts-check
/**
 * Tables of Athena over the lake's commits: `changes_orders` and `orders` for every pipeline. They
 * read the files whose addresses `compactLake` writes into `links/`, so a query sees one commit whole.
 * https://docs.aws.amazon.com/athena/latest/ug/parquet-serde.html
 */
const { pipelines } = require('../src/domain/pipelines/index.ts');

const INPUT = 'org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat';
const OUTPUT = 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat';
const SERDE = 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe';

/** @type {Record<string, string>} */
const TYPES = {
  string: 'string',
  int64: 'bigint',
  double: 'double',
  boolean: 'boolean',
  timestamp: 'timestamp',
};

/** @param {string} name */
const logical = (name) => name.replace(/(?:^|_)(\w)/g, (_, letter) => letter.toUpperCase());

/**
 * @param {string} name
 * @param {string} folder of its links
 * @param {readonly { name: string, type: string }[]} columns
 * @param {string} Description
 */
function table(name, folder, columns, Description) {
  return {
    Type: 'AWS::Glue::Table',
    Properties: {
      CatalogId: { Ref: 'AWS::AccountId' },
      DatabaseName: { Ref: 'LakeDatabase' },
      TableInput: {
        Name: name,
        Description,
        TableType: 'EXTERNAL_TABLE',
        Parameters: { EXTERNAL: 'TRUE', classification: 'parquet' },
        StorageDescriptor: {
          Columns: columns.map((column) => ({ Name: column.name, Type: TYPES[column.type] })),
          Location: { 'Fn::Sub': `s3://\${LakeBucket}/${folder}/` },
          InputFormat: INPUT,
          OutputFormat: OUTPUT,
          SerdeInfo: { SerializationLibrary: SERDE },
        },
      },
    },
  };
}

module.exports = () => {
  const tables = Object.values(pipelines).flatMap((pipeline) => {
    const { columns, onlyOfChanges } = pipeline;
    const live = columns.filter(({ name }) => !onlyOfChanges.includes(name));
    const name = pipeline.table;
    return [
      [
        `Changes${logical(name)}LakeTable`,
        table(
          `changes_${name}`,
          `links/changes/table=${name}`,
          columns,
          `Every change of ${name}.`,
        ),
      ],
      [
        `${logical(name)}LakeTable`,
        table(name, `links/current/table=${name}`, live, `The current state of ${name}.`),
      ],
    ];
  });
  return {
    Resources: {
      LakeDatabase: {
        Type: 'AWS::Glue::Database',
        Properties: {
          CatalogId: { Ref: 'AWS::AccountId' },
          DatabaseInput: {
            // Athena takes no hyphens without quotes.
            Name: `millrace_\${sls:stage}`,
            Description: 'The lake of Millrace: changes and current states of its tables.',
          },
        },
      },
      ...Object.fromEntries(tables),
    },
  };
};
