import {
  type ASTVisitor,
  FieldsOnCorrectTypeRule,
  GraphQLError,
  KnownArgumentNamesRule,
  specifiedRules,
  type ValidationContext,
} from 'graphql';

/** GitLab's error of a field that this version does not have. */
function FieldExistsRule(context: ValidationContext): ASTVisitor {
  return {
    Field(node) {
      const type = context.getParentType();
      if (!type || context.getFieldDef()) return;
      const fieldName = node.name.value;
      const extensions = { code: 'undefinedField', typeName: type.name, fieldName };
      context.reportError(
        new GraphQLError(`Field '${fieldName}' doesn't exist on type '${type.name}'`, {
          nodes: node,
          extensions,
        }),
      );
    },
  };
}

/** GitLab's error of an argument that the field does not have in this version. */
function ArgumentExistsRule(context: ValidationContext): ASTVisitor {
  return {
    Argument(node) {
      const field = context.getFieldDef();
      if (!field || context.getArgument()) return;
      const argumentName = node.name.value;
      const extensions = { code: 'argumentNotAccepted', name: field.name, typeName: 'Field', argumentName };
      context.reportError(
        new GraphQLError(`Field '${field.name}' doesn't accept argument '${argumentName}'`, {
          nodes: node,
          extensions,
        }),
      );
    },
  };
}

/** The rules of GraphQL; where clients read the message, in GitLab's words. */
export const RULES = [
  ...specifiedRules.filter(rule => rule !== FieldsOnCorrectTypeRule && rule !== KnownArgumentNamesRule),
  FieldExistsRule,
  ArgumentExistsRule,
];
