"""A template of ms-swift for rows that Longhand has rendered by the model's own chat template: it adds nothing."""

from swift.template import TemplateMeta, register_template

register_template(TemplateMeta("longhand", prefix=[], prompt=["{{QUERY}}"], chat_sep=None, suffix=[]))
