"""The life of a bad rating 差评, from the rating to the published answer (rating-rules).

case 差评件, handler 承办人, limit 时限, extension 延期, appeal 申诉, revisit 回访, void 作废.
"""
