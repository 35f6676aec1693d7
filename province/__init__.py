"""The province's system 省平台: what goes up, how it is signed, and the three modes of a hall."""
