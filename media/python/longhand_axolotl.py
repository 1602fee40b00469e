"""A plugin of axolotl that tells of a training as Longhand's other scripts do; axolotl itself only prints lines without steps."""

from axolotl.integrations.base import BasePlugin
from longhand_progress import LonghandProgress


class LonghandPlugin(BasePlugin):
    def add_callbacks_post_trainer(self, cfg, trainer):
        return [LonghandProgress()]
