"""Stands in for the package of this name, which Dynamo imports and its replay does not use."""


class AutoConfig:
    """Would read a model's configuration; nobody may ask."""

    @staticmethod
    def from_pretrained(*_args, **_kwargs):
        raise NotImplementedError("a stub without models")
