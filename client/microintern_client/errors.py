"""What a person is told when something cannot be done; the message is the whole explanation."""


class ClientError(Exception):
    """Something that the caller has to know about."""


class InputError(ClientError):
    """What was asked for makes no sense: nothing was sent."""
