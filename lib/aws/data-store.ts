import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { LIST_INDEX, STATUS_INDEX, TTL_ATTRIBUTE } from '../../lambdas/store/keys.ts';

const READ = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'];
const WRITE = ['dynamodb:PutItem', 'dynamodb:BatchWriteItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'];
const READ_KEY = ['kms:Decrypt', 'kms:DescribeKey'];
const WRITE_KEY = ['kms:Encrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'];

/** The table, and the two keys: one encrypts the table at rest, the other seals tokens before they reach it. */
export class DataStore extends Construct {
  readonly table: Table;
  readonly tokenKey: Key;
  readonly #tableKey: Key;

  constructor(scope: Construct, id: string, props: { removeOnDestroy: boolean }) {
    super(scope, id);
    const removalPolicy = props.removeOnDestroy ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN;
    const key = (name: string, description: string) =>
      new Key(this, name, { description, enableKeyRotation: true, removalPolicy });

    this.tokenKey = key(
      'TokenKey',
      'Seals the GitLab tokens of imports; the encryption context is the import id and the GitLab',
    );
    this.#tableKey = key('TableKey', 'Encrypts the table of imports at rest');
    this.table = new Table(this, 'Table', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: this.#tableKey,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: !props.removeOnDestroy,
      timeToLiveAttribute: TTL_ATTRIBUTE,
      removalPolicy,
    });
    for (const index of [LIST_INDEX, STATUS_INDEX]) {
      this.table.addGlobalSecondaryIndex({
        indexName: index.name,
        partitionKey: { name: index.pk, type: AttributeType.STRING },
        sortKey: { name: index.sk, type: AttributeType.STRING },
        projectionType: ProjectionType.KEYS_ONLY,
      });
    }
  }

  /** Reading and writing items. No scan, no index, and nothing on the table itself. */
  grantItems(grantee: IGrantable): void {
    this.#grant(grantee, [...READ, ...WRITE], [this.table.tableArn]);
    this.#grantTableKey(grantee, [...READ_KEY, ...WRITE_KEY]);
  }

  /** Reading items, and the lists of the two indexes. */
  grantReadItems(grantee: IGrantable): void {
    const indexes = [LIST_INDEX, STATUS_INDEX].map(index => `${this.table.tableArn}/index/${index.name}`);
    this.#grant(grantee, READ, [this.table.tableArn]);
    this.#grant(grantee, ['dynamodb:Query'], indexes);
    this.#grantTableKey(grantee, READ_KEY);
  }

  #grant(grantee: IGrantable, actions: string[], resources: string[]): void {
    grantee.grantPrincipal.addToPrincipalPolicy(new PolicyStatement({ actions, resources }));
  }

  /** DynamoDB uses a customer-managed key with the rights of whoever calls it, so callers need them, but only there. */
  #grantTableKey(grantee: IGrantable, actions: string[]): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions,
        resources: [this.#tableKey.keyArn],
        conditions: {
          StringEquals: { 'kms:ViaService': `dynamodb.${Stack.of(this).region}.amazonaws.com` },
        },
      }),
    );
  }

  /** Sealing the tokens of a new import. */
  grantSealTokens(grantee: IGrantable): void {
    this.#grantTokenKey(grantee, 'kms:Encrypt');
  }

  /** Opening the tokens of an import. */
  grantOpenTokens(grantee: IGrantable): void {
    this.#grantTokenKey(grantee, 'kms:Decrypt');
  }

  /** Only with an import id and a GitLab's URL in the encryption context, and nothing else in it. */
  #grantTokenKey(grantee: IGrantable, action: string): void {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: [action],
        resources: [this.tokenKey.keyArn],
        conditions: {
          Null: { 'kms:EncryptionContext:importId': 'false', 'kms:EncryptionContext:gitlabUrl': 'false' },
          'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['importId', 'gitlabUrl'] },
        },
      }),
    );
  }
}
